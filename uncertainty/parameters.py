"""Parameters: the priors of a space as one labelled table, exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from uncertainty.labels import QUANTILES
from uncertainty.prior import Prior
from uncertainty.space import Space

TEXTS = ("unit", "label", "group", "distribution", "reading", "spec")


def parameter_table(space: Space) -> xr.Dataset:
    """Each prior with its moments and quantiles.

    Returns
    -------
    xarray.Dataset
        Over `parameter` (a dirichlet gives one row a share, ``name[0]``): mean, sd, quantiles
        (parameter, quantile), and the texts unit, label, group, distribution, reading, spec
        (JSON of the arguments that make the prior again).
    """
    rows = [row for name, prior in space.priors.items() for row in prior_rows(name, prior)]
    columns = {key: ("parameter", [row[key] for row in rows]) for key in ("mean", "sd", *TEXTS)}
    quantiles = (
        ("parameter", "quantile"),
        np.array([row["quantiles"] for row in rows]),
    )
    return xr.Dataset(
        {**columns, "quantiles": quantiles},
        coords={
            "parameter": [row["name"] for row in rows],
            "quantile": list(QUANTILES),
        },
    )


def owner(name: object) -> str:
    """The prior behind a row of the table: a share of a dirichlet is ``name[0]``."""
    return str(name).partition("[")[0]


def prior_rows(name: str, prior: Prior) -> Iterator[dict[str, Any]]:
    """The rows of one prior, one for each number that it gives."""
    ends = [
        prior.interval(abs(1 - 2 * q)) if q != 0.5 else prior.interval(1e-12) for q in QUANTILES
    ]
    quantiles = np.array(
        [
            np.atleast_1d(low if q <= 0.5 else high)
            for q, (low, high) in zip(QUANTILES, ends, strict=True)
        ]
    )
    for i in range(prior.size):
        yield {
            "name": name if prior.size == 1 else f"{name}[{i}]",
            "mean": float(np.atleast_1d(prior.mean)[i]),
            "sd": float(np.atleast_1d(prior.sd)[i]),
            "quantiles": quantiles[:, i],
            "unit": prior.unit,
            "label": prior.label or name,
            "group": prior.group,
            "distribution": prior.describe(),
            "reading": prior.reading,
            "spec": json.dumps(prior.spec()),
        }
