"""What the data taught: the fit in sentences, its charts and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from uncertainty.labels import calibration, central, is_calibrated
from uncertainty.narrowing import headline_narrowings
from uncertainty.report.blocks import Block, Cell, Column, Folded, Paragraph, Row, Section, Table
from uncertainty.report.given import Given
from uncertainty.report.sections.findings import told_items
from uncertainty.report.words import (
    NONE,
    between,
    number,
    percent,
    sentence,
    signed,
    told,
    with_unit,
)
from uncertainty.statements import TAUGHT

INTRO = (
    "The model was fitted to published observations: what follows is what these say beyond the "
    "priors, given that the model's form is right. All other sections of this page are of the "
    "priors alone, unless they say otherwise."
)

#: Parameters that are told, those with the largest sensitivity, or that mix worst.
OPEN = 12
#: What is told of each form of the model.
FORMS = {
    "weight": "Weight",
    "elpd_loo": "Log density of rows left out",
    "elpd_diff": "Less than the best",
    "dse": "Error (1 sd)",
    "pareto_k_max": "Largest Pareto k",
}


def taught(given: Given) -> Section | None:
    """Sentences first, then charts, each with its numbers folded."""
    if not is_calibrated(given.tree):
        return None
    blocks: list[Block] = [Paragraph([INTRO])]
    items = told_items(given, TAUGHT)
    blocks += [items] if items else []
    blocks += [*narrowed(given), *charts(given), *beyond(given)]
    return Section("taught", "What the data taught", blocks)


def charts(given: Given) -> Iterator[Block]:
    """Outcome, parameters, sources and fitted rows."""
    outcome = given.wish.get("outcome") or given.pictures.fan
    yield from given.pictures.figure(f"prior-posterior-{outcome}")
    yield from drawn(given, "learned", parameters(given))
    yield from drawn(given, f"source-bias-{outcome}", sources(given))
    yield from drawn(given, "check", rows(given))


def drawn(given: Given, name: str, tables: Sequence[Table]) -> Iterator[Block]:
    """A chart with its table; the table folded by itself where the chart has no room."""
    if not tables:
        return
    if name in given.pictures.shown:
        yield from given.pictures.figure(name, tables)
    else:
        yield Folded(tables[0].name, tables)


def narrowed(given: Given) -> Iterator[Block]:
    """The headline's outcome before and after."""
    found = headline_narrowings(given.tree)
    if not found:
        return
    mass = f"{100 * found[0].mass:g}% interval"
    heads = ["Median before", "Median after", f"{mass} before", f"{mass} after", "Narrower by",
             "Prior below the new median"]  # fmt: skip
    made = [
        Row.of(
            ", ".join(
                p for p in (*([] if given.wish else [one.label]), *map(str, one.at.values()))
            ),
            number(one.prior[1], one.unit),
            number(one.posterior[1], one.unit),
            between(one.prior[0], one.prior[2], one.unit),
            between(one.posterior[0], one.posterior[2], one.unit),
            percent(one.narrower),
            percent(one.rank),
        )
        for one in found
    ]
    name = with_unit(sentence(found[0].label), found[0].unit) if given.wish else "Outcomes"
    first = Column("Year" if given.wish else "Outcome", number=False)
    yield Table([f"{name}, before the fit and after it"], [first, *map(Column, heads)], made)


def parameters(given: Given) -> list[Table]:
    """What was learned of each parameter."""
    found = calibration(given.tree, "learned")
    if found is None:
        return []
    found = found.sortby("contraction", ascending=False)
    ends = central(found["quantile"].values.tolist())
    heads = ["Before", "After", "Variance gone", "Shift in prior sd"]
    columns = [Column("Parameter", number=False), *map(Column, heads), Column("Verdict", False)]
    made = [parameter(given, found.isel(parameter=i), ends)
            for i in range(found.sizes["parameter"])]  # fmt: skip
    mass = f"{100 * (ends[1] - ends[0]):g}% intervals"
    return [Table([f"What was learned of each parameter ({mass})"], columns, made)]


def parameter(given: Given, row: xr.Dataset, ends: tuple[float, float]) -> Row:
    """One parameter."""
    unit = told(row["units"].item()) if "units" in row else ""
    before, after = (
        interval(row[f"{side}_quantiles"], ends, unit) for side in ("prior", "posterior")
    )
    head = [given.parameter(str(row["parameter"].item()))]
    tail = "" if unit in {"", "1"} else f" {unit}"
    return Row.of(
        Cell(head),
        before,
        f"{after}{tail}",
        percent(float(row["contraction"])),
        signed(float(row["shift"])) if np.isfinite(float(row["shift"])) else NONE,
        told(row["verdict"].item()),
    )


def interval(quantiles: xr.DataArray, ends: tuple[float, float], unit: str) -> str:
    """The interval between two of some quantiles."""
    low, high = (float(quantiles.sel(quantile=q)) for q in ends)
    return between(low, high, unit)


def sources(given: Given) -> list[Table]:
    """The factor of each source."""
    found = calibration(given.tree, "source_bias")
    if found is None:
        return []
    heads = [Column("Of", False), Column("Rows"), Column("Sd before (log)"), Column("Factor"),
             Column("90% interval")]  # fmt: skip
    made = []
    for i in range(found.sizes["source"]):
        row = found.isel(source=i)
        cited = told(row["cited"].item()) if "cited" in row else ""
        low, high = (float(end) for end in row["factor_interval"].values)
        made.append(
            Row.of(
                cited or told(row["source"].item()),
                f"{given.name_of(told(row['outcome'].item()))}, {told(row['kind'].item())}",
                str(int(row["rows"])),
                number(float(row["prior_sd"])),
                number(float(row["factor"]), full=True),
                between(low, high, full=True),
            )
        )
    columns = [Column("Source", number=False), *heads]
    return [Table(["What each source publishes over what the model counts"], columns, made)]


def rows(given: Given) -> list[Table]:
    """Each fitted row beside its prediction."""
    found = calibration(given.tree, "check")
    if found is None or "predicted" not in found:
        return []
    known = found if "outcome" in found.coords else observed(given.tree)
    texts = {
        name: [told(v) for v in known[name].values] if name in known else [""] * found["value"].size
        for name in ("outcome", "place", "kind", "source", "label")
    }
    years = known["year"].values if "year" in known else np.full(found["value"].size, np.nan)
    ends = central(found["quantile"].values.tolist())
    predicted = found["predicted"].transpose(..., "quantile").sel(quantile=list(ends)).values
    extra = [found[n].values if n in found else np.full(len(years), np.nan)
             for n in ("loo_pit", "pareto_k")]  # fmt: skip
    made = [
        Row.of(
            texts["label"][i] or texts["source"][i],
            ", ".join(t for t in (given.name_of(texts["outcome"][i]), texts["place"][i]) if t),
            texts["kind"][i],
            f"{years[i]:.0f}" if np.isfinite(years[i]) else "",
            number(float(found["value"].values[i])),
            between(*predicted[i].tolist()),
            percent(float(extra[0][i])),
            number(float(extra[1][i]), figures=2),
        )
        for i in range(found["value"].size)
    ]
    mass = f"{100 * (ends[1] - ends[0]):g}%"
    heads = [Column("Of", False), Column("Kind", False), Column("Year"), Column("Published"),
             Column(f"Predicted, {mass}"), Column("Predicted below, left out"),
             Column("Pareto k")]  # fmt: skip
    return [Table(["Each fitted row and what the fit predicts for it"],
                  [Column("Row", number=False), *heads], made)]  # fmt: skip


def observed(tree: xr.DataTree) -> xr.Dataset:
    """What is known of the fitted rows."""
    return tree["observed_data"].to_dataset() if "observed_data" in tree else xr.Dataset()


def beyond(given: Given) -> Iterator[Block]:
    """Forms of the model, priors that count otherwise, and the chains: folded."""
    made = [*structures(given), *scaling(given), *chains(given)]
    if made:
        yield Folded("Forms of the model, weight of the priors, and the chains", made)


def structures(given: Given) -> Iterator[Table]:
    """The forms of the model."""
    found = calibration(given.tree, "structures")
    if found is None:
        return
    names = FORMS
    known = [name for name in names if name in found]
    made = [
        Row.of(
            told(found["structure"].values[i]),
            *(
                percent(float(found[n].values[i]))
                if n == "weight"
                else number(float(found[n].values[i]))
                for n in known
            ),
        )
        for i in range(found.sizes["structure"])
    ]
    columns = [Column("Form", number=False), *(Column(names[n]) for n in known)]
    yield Table(["Forms of the model"], columns, made)


def scaling(given: Given) -> Iterator[Table]:
    """How sensitive the posterior is to each prior."""
    found = calibration(given.tree, "power_scaling")
    if found is None:
        return
    order = np.argsort(-np.nan_to_num(found["prior"].values), kind="stable")[:OPEN]
    made = [
        Row.of(
            Cell([given.parameter(str(found["parameter"].values[i]))]),
            number(float(found["prior"].values[i]), figures=2),
            number(float(found["likelihood"].values[i]), figures=2),
            told(found["diagnosis"].values[i]),
        )
        for i in order
    ]
    heads = [Column("Sensitivity to its prior"), Column("To the data"), Column("Diagnosis", False)]
    yield Table(["Priors and data counted a little more or less, most sensitive first"],
                [Column("Parameter", number=False), *heads], made)  # fmt: skip


def chains(given: Given) -> Iterator[Table]:
    """Whether the chains agree, parameter by parameter."""
    found = calibration(given.tree, "diagnostics")
    if found is None:
        return
    order = np.argsort(-np.nan_to_num(found["r_hat"].values), kind="stable")[:OPEN]
    made = [
        Row.of(
            Cell([given.parameter(str(found["parameter"].values[i]))]),
            number(float(found["r_hat"].values[i]), figures=4),
            *(number(float(found[n].values[i])) for n in ("ess_bulk", "ess_tail")),
        )
        for i in order
    ]
    heads = ["R-hat", "Effective draws, middle", "Effective draws, tails"]
    yield Table(
        ["The chains, largest R-hat first"],
        [Column("Parameter", number=False), *map(Column, heads)],
        made,
    )
