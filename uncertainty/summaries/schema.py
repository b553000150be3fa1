"""Schema: what the columns of the summary table are, for programs that read it."""

from __future__ import annotations

from typing import Any

from uncertainty.summaries.columns import GROUPS, HEAD, QUANTILE

DRAFT = "https://json-schema.org/draft/2020-12/schema"

#: Kinds of the interval between the outer quantiles.
KINDS = ("eti", "quantiles", "hdi", "")

MEANING = {
    "study": "Name of the study; empty if none.",
    "run": "Identifier of the run, the same in every row of a file.",
    "group": "Group of the result: of parameters or of outcomes, before or after the evidence.",
    "variable": "Name of the parameter or outcome; a share of a dirichlet is name[0], name[1], ...",
    "unit": "Unit of all figures of the row but those without unit; 1 for a pure number.",
    "mean": "Mean.",
    "sd": "Standard deviation.",
    "mcse_mean": "Monte Carlo standard error of the mean; 0 where the mean is exact.",
    "interval_kind": "eti: the outer two quantiles are a central interval with equal tails. "
    "quantiles: they are just two quantiles. hdi (foreign tables only): lower and upper are the "
    "interval of highest density.",
    "interval_prob": "Probability between the outer two quantiles.",
    "ess_bulk": "Bulk effective sample size of the draws of a Markov chain.",
    "r_hat": "Rank-normalised split r-hat of these draws; empty for a constant.",
}

BOUNDS = {
    "sd": {"minimum": 0},
    "mcse_mean": {"minimum": 0},
    "interval_prob": {"minimum": 0, "maximum": 1},
    "ess_bulk": {"minimum": 0},
}
ENUMS = {"group": list(GROUPS), "interval_kind": list(KINDS)}


def table_schema() -> dict[str, Any]:
    r"""JSON Schema (2020-12) of the summary table as a list of rows.

    An empty cell of the CSV, a null of the Parquet file, is a null. Columns that are neither
    named here nor match the pattern of quantiles are coordinates.

    Examples
    --------
    >>> sorted(table_schema()["items"]["patternProperties"])
    ['^q(\\d\\d|\\d{1,2}\\.\\d+)$']
    """
    return {
        "$schema": DRAFT,
        "title": "Posterior summary",
        "description": "One row a quantity and coordinate: summary.csv, summary.parquet.",
        "type": "array",
        "items": {
            "type": "object",
            "required": [*HEAD, "unit", "mean", "sd", "interval_kind", "interval_prob"],
            "properties": {name: column(name) for name in MEANING},
            "patternProperties": {
                QUANTILE: {
                    "description": "Quantile; the percent is in the name: q05, q50, q97.5.",
                    "type": ["number", "null"],
                }
            },
            "additionalProperties": {
                "description": "A coordinate such as a year or a place; null where not used.",
                "type": ["string", "number", "null"],
            },
        },
    }


def column(name: str) -> dict[str, Any]:
    """Meaning, type and limits of one column."""
    about = {"description": MEANING[name]}
    if name in ENUMS:
        return {**about, "type": "string", "enum": ENUMS[name]}
    if name in (*HEAD, "unit"):
        return {**about, "type": "string"}
    return {**about, "type": ["number", "null"], **BOUNDS.get(name, {})}
