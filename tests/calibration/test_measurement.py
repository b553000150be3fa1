"""Rows and their likelihood in NumPy against numbers written out by hand and against quadrature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import lognorm, multivariate_normal, norm, t

import uncertainty as un
from uncertainty.calibration.measurement import Measurement
from uncertainty.calibration.rows import LOG, LOGIT, NATURAL, Rows
from uncertainty.evidence import Evidence
from uncertainty.model import Model


def nothing(a):
    return a


MODEL = Model(
    nothing,
    {"power": "TWh", "part": "%", "sites": "TWh", "pue": "1"},
    {"power": ("year",), "part": ("year",), "sites": ("site", "year")},
    {"year": (2020, 2021), "site": ("hub", "edge", "cloud")},
)
COLUMNS = ("outcome", "year", "site", "value", "unit", "kind", "error", "relative_error", "source",
           "bias_sd", "published", "vintage_sd")  # fmt: skip
NONE = np.nan
ROWS = [
    ("sites", 2021, "edge", 2e9, "kWh", "level", 1e8, NONE, "A", 0.1, "x", 0.05),
    ("power", 2021, "", 30.0, "%", "growth", 4.0, NONE, "A", 0.2, "x", 0.05),
    ("part", 2020, "", 20.0, "%", "share", NONE, 0.1, "B", 0.0, "", 0.0),
    ("sites", 2020, "hub", 25.0, "%", "share", 5.0, NONE, "A", 0.3, "y", 0.0),
    ("pue", NONE, "", 1.3, "1", "level", NONE, 0.02, "B", 0.0, "", 0.0),
    ("sites", 2021, "cloud", 10.0, "%", "growth", NONE, 0.5, "C", 0.4, "z", 0.0),
    ("part", 2021, "", 0.3, "1", "level", 0.01, NONE, "B", 0.0, "", 0.0),
]
#: power; part; sites by site and year; pue
OUTCOMES = {
    "sites": np.array([[4.0, 5.0], [2.0, 3.0], [10.0, 12.0]])[..., None] * np.ones(2),
    "power": np.array([[20.0, 20.0], [25.0, 30.0]]),
    "part": np.array([[18.0, 22.0], [30.0, 31.0]]),
    "pue": np.array([1.25, 1.35]),
}


def rows_of(table, model: Model = MODEL) -> Rows:
    return Rows.of(Evidence(pd.DataFrame(table, columns=list(COLUMNS))), model)


@pytest.fixture(scope="module")
def rows() -> Rows:
    return rows_of(ROWS)


def test_gists_are_levels_growth_factors_and_shares_of_the_right_cells(rows):
    gist = rows.gist(rows.cells({name: OUTCOMES[name] for name in rows.outcomes}))
    wanted = [[3, 3], [1.25, 1.5], [0.18, 0.22], [0.25, 0.25], [1.25, 1.35], [1.2, 1.2], [30, 31]]
    np.testing.assert_allclose(gist, wanted, rtol=1e-14)


def test_values_and_errors_are_in_the_unit_of_the_outcome_on_the_scale_of_their_link(rows):
    assert rows.value == pytest.approx([2, 0.3, 0.2, 0.25, 1.3, 0.1, 30])
    assert rows.link.tolist() == [NATURAL, NATURAL, LOGIT, LOGIT, LOG, NATURAL, NATURAL]
    wanted = [0.1, 0.04, 0.1 / 0.8, 0.05 / (0.25 * 0.75), 0.02, 0.05, 1]
    assert rows.sd == pytest.approx(wanted)
    assert rows.less.tolist() == [0, 1, 0, 0, 0, 1, 0]


def test_sources_are_told_apart_by_outcome_and_kind_and_editions_by_date(rows):
    assert len(set(rows.source)) == 7
    assert rows.bias_sd[rows.source] == pytest.approx([0.1, 0.2, 0, 0.3, 0, 0.4, 0])
    assert rows.edition[0] == rows.edition[1] != rows.edition[3]
    assert rows.vintage_sd[rows.edition] == pytest.approx([0.05, 0.05, 0, 0, 0, 0, 0])
    assert rows.carries.tolist() == [1, 0, 1, 1, 1, 0, 1]


def test_densities_are_those_written_out_by_hand(rows):
    gist = rows.gist(rows.cells({name: OUTCOMES[name] for name in rows.outcomes}))
    shift = np.linspace(-0.2, 0.2, 7)[:, None] * np.ones(2)
    found = Measurement(rows).log_density(gist, shift)[:, 0]
    s = shift[:, 0]
    wanted = [
        norm.logpdf(2, 3 * np.exp(s[0]), 0.1),
        norm.logpdf(0.3, 1.25 * np.exp(s[1]) - 1, 0.04),
        norm.logpdf(logit(0.2), logit(0.18) + s[2], 0.125) - np.log(0.2 * 0.8),
        norm.logpdf(logit(0.25), logit(0.25) + s[3], 0.05 / 0.1875) - np.log(0.25 * 0.75),
        lognorm.logpdf(1.3, 0.02, scale=1.25 * np.exp(s[4])),
        norm.logpdf(0.1, 1.2 * np.exp(s[5]) - 1, 0.05),
        norm.logpdf(30, 30 * np.exp(s[6]), 1),
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    robust = Measurement(rows, robust=True).log_density(gist, shift)[4, 0]
    e = (np.log(1.3) - np.log(1.25) - s[4]) / 0.02
    assert robust == pytest.approx(t.logpdf(e, 4) - np.log(0.02) - np.log(1.3), rel=1e-12)


def test_a_shift_is_the_bias_of_the_source_and_where_it_is_felt_the_error_of_the_edition(rows):
    bias = np.arange(1.0, 8.0)[:, None]
    vintage = 10.0 * np.arange(1, 1 + len(rows.vintage_sd))[:, None]
    found = Measurement(rows).shifts(bias, vintage)[:, 0]
    wanted = bias[rows.source, 0] + vintage[rows.edition, 0] * rows.carries
    assert found == pytest.approx(wanted)
    assert found[1] == bias[rows.source[1], 0]


# ---- each density is one ----


LINKS = {"level": 0, "growth": 1, "relative share": 2, "share": 3, "relative level": 4}


def at_values(rows: Rows, number: int, values: np.ndarray, robust: bool) -> Measurement:
    """One row as if each of many values had been observed."""
    many = rows.only(np.full(len(values), number))
    return Measurement(replace(many, value=values), robust)


def grid(link: int, centre: float, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Values far into both tails, and the widths that they stand for."""
    z = centre + sd * np.sinh(np.linspace(-9, 9, 20_001))
    if link == LOG:
        z = z[np.abs(z) < 600]
    if link == LOGIT:
        z = z[np.abs(z) < 30]
    value = {NATURAL: lambda x: x, LOG: np.exp, LOGIT: expit}[link](z)
    return value, z


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("kind", LINKS)
def test_densities_integrate_to_one_and_below_is_their_integral(rows, kind, robust):
    number = LINKS[kind]
    gist, shift, sd, link = 0.4, 0.3, rows.sd[number], int(rows.link[number])
    centre = Measurement(rows.only(np.array([number]))).centres(
        np.array([[gist]]), np.array([[shift]])
    )
    values, _ = grid(link, float(centre[0, 0]), sd)
    many = at_values(rows, number, values, robust)
    full = np.full((len(values), 1), 1.0)
    density, below = many.alone(gist * full, shift * full)
    rises = 0.5 * (np.exp(density[1:, 0]) + np.exp(density[:-1, 0])) * np.diff(values)
    assert rises.sum() == pytest.approx(1, abs=2e-5)
    np.testing.assert_allclose(below[0, 0] + np.cumsum(rises), below[1:, 0], atol=2e-5)


@pytest.mark.parametrize("robust", [False, True])
def test_replicated_rows_come_from_the_density_of_each_row(rows, robust):
    size = 20_000
    measurement = Measurement(rows, robust)
    gist = rows.gist(rows.cells({name: OUTCOMES[name] for name in rows.outcomes}))
    gist = np.repeat(gist[:, :1], size, axis=1)
    drawn = measurement.replicated(gist, np.zeros_like(gist), np.random.default_rng(1))
    for i in range(rows.size):
        many = at_values(rows, i, drawn[i], robust)
        _, below = many.alone(gist[i][:, None], np.zeros((size, 1)))
        assert np.abs(np.quantile(below, [0.1, 0.5, 0.9]) - [0.1, 0.5, 0.9]).max() < 0.015


# ---- rows left out ----


def one_source(kind: str, bias: float, count: int = 5, **columns: object) -> Rows:
    """Rows of one source over the years."""
    rng = np.random.default_rng(8)
    years = np.arange(2000, 2000 + count)
    model = Model(
        nothing, {"y": "TWh"}, {"y": ("year",)}, {"year": tuple(range(1999, 2000 + count))}
    )
    made = {
        "relative": {"value": 10 * np.exp(0.1 * rng.standard_normal(count)), "relative_error": 0.05},
        "absolute": {"value": 10 + rng.standard_normal(count), "error": 0.5},
        "growth": {"value": 0.1 + 0.05 * rng.standard_normal(count), "error": 0.04,
                   "kind": "growth", "unit": "1"},
    }[kind]  # fmt: skip
    frame = {"outcome": "y", "year": years, "unit": "TWh", "source": "S", "bias_sd": bias}
    return Rows.of(Evidence(pd.DataFrame(frame | made | columns)), model)


def gists(rows: Rows, kind: str, size: int = 6) -> np.ndarray:
    rng = np.random.default_rng(9)
    return (1.1 if kind == "growth" else 10.0) * np.exp(
        0.08 * rng.standard_normal((rows.size, size))
    )


def refit(residual: np.ndarray, covariance: np.ndarray, i: int) -> tuple[float, float]:
    """Log density of a residual given the others of a joint normal, and its probability below."""
    rest = [j for j in range(len(residual)) if j != i]
    pull = np.linalg.solve(covariance[np.ix_(rest, rest)], covariance[rest, i])
    mean = float(pull @ residual[rest])
    sd = float(np.sqrt(covariance[i, i] - pull @ covariance[rest, i]))
    return float(norm.logpdf(residual[i], mean, sd)), float(norm.cdf(residual[i], mean, sd))


EDITIONS = {
    "no edition": ({"vintage_sd": 0.0}, False),
    "one edition": ({"vintage_sd": 0.07, "published": "2024"}, True),
    "two editions": ({"vintage_sd": [0.07, 0.07, 0.07, 0.02, 0.02], "published": list("xxxyy")}, False),
}  # fmt: skip


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("bias", [0.0, 0.15])
def test_left_out_rows_are_those_of_refits_in_closed_form(edition, bias):
    columns, together = EDITIONS[edition]
    rows = one_source("relative", bias, **columns)
    gist, scale = gists(rows, "relative"), np.linspace(0.5, 2, 6)
    vintage = np.random.default_rng(2).standard_normal((len(rows.vintage_sd), 6))
    vintage *= rows.vintage_sd[:, None]
    density, below = Measurement(rows).left_out(gist, vintage, scale)
    for s in range(6):
        shared = (bias * scale[s]) ** 2 + (0.07**2 if together else 0.0)
        covariance = shared + np.diag(rows.sd**2)
        fixed = 0.0 if together else vintage[rows.edition, s]
        residual = np.log(rows.value) - np.log(gist[:, s]) - fixed
        joint = multivariate_normal.logpdf(residual, cov=covariance)
        assert np.isfinite(joint)
        for i in range(rows.size):
            told, under = refit(residual, covariance, i)
            assert density[i, s] == pytest.approx(told - np.log(rows.value[i]), abs=1e-10)
            assert below[i, s] == pytest.approx(under, abs=1e-10)


@pytest.mark.parametrize("ratio", [0.3, 3.0, 30.0, 100.0])
def test_the_sum_over_nodes_agrees_with_the_closed_form(ratio):
    rows = one_source("relative", 0.2)
    rows = replace(rows, sd=np.full(rows.size, 0.2 / ratio))
    gist = np.exp(np.log(rows.value)[:, None] + 0.5 / ratio * gists(rows, "relative")[:, :4] / 10)
    sd, fixed = 0.2 * np.linspace(0.5, 2, 4), np.zeros((rows.size, 4))
    measurement = Measurement(rows)
    for found, exact in zip(
        measurement.integrated(gist, sd, fixed), measurement.gaussian(gist, sd, fixed), strict=True
    ):
        np.testing.assert_allclose(found, exact, atol=1e-8)


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("kind", ["absolute", "growth", "relative"])
def test_left_out_rows_agree_with_adaptive_quadrature(kind, robust):
    rows = one_source(kind, 0.1, count=4)
    gist = gists(rows, kind, 2)
    density, below = Measurement(rows, robust).left_out(gist, np.zeros((1, 2)), np.array([1, 2.0]))
    residual = t(4) if robust else norm
    for s, scale in enumerate((0.1, 0.2)):

        def each(b, s=s):
            if kind == "relative":
                return (np.log(rows.value) - np.log(gist[:, s]) - b) / rows.sd
            return (rows.value - gist[:, s] * np.exp(b) + (kind == "growth")) / rows.sd

        def joint(b, rest, more=lambda e: 1.0, scale=scale, each=each):
            e = each(b)
            return np.prod(residual.pdf(e[rest]) / rows.sd[rest]) * more(e) * norm.pdf(b, 0, scale)

        def total(rest, more=lambda e: 1.0, scale=scale, joint=joint):
            return quad(joint, -9 * scale, 9 * scale, (rest, more), epsabs=0, limit=200)[0]

        for i in range(rows.size):
            rest = np.array([j for j in range(rows.size) if j != i])
            own = total(np.arange(rows.size)) / total(rest)
            slope = np.log(rows.value[i]) if kind == "relative" else 0.0
            assert density[i, s] == pytest.approx(np.log(own) - slope, abs=1e-7)
            under = total(rest, lambda e, i=i: residual.cdf(e[i])) / total(rest)
            assert below[i, s] == pytest.approx(under, abs=1e-7)


def test_a_narrow_likelihood_under_a_wide_bias_is_not_missed_between_nodes():
    """Robust rows a thousandth as wide as the bias: they share one bias, and predict each other."""
    rows = replace(one_source("relative", 1.0, count=3), sd=np.full(3, 1e-3))
    gist = rows.value[:, None] * np.exp([[0.7, -2.1]])
    density, _ = Measurement(rows, robust=True).left_out(gist, np.zeros((1, 2)), np.ones(2))
    tight = t.logpdf(0, 4) - np.log(1e-3) - np.log(rows.value)
    assert np.all(np.abs(density - tight[:, None]) < 0.6)


@pytest.mark.parametrize("sd", [0.0, 0.1])
def test_what_the_model_cannot_give_has_no_density_and_no_warning(sd):
    rows = one_source("relative", sd)
    gist = gists(rows, "relative")
    gist[2, 3] = -1.0
    found = Measurement(rows).log_density(gist, np.zeros_like(gist))
    assert not np.isfinite(found[2, 3])
    assert np.isfinite(np.delete(found, 2, axis=0)).all()


def test_evidence_that_is_none_is_refused():
    with pytest.raises(un.errors.EvidenceError, match=r"evidence is a table, .* got dict"):
        Rows.of({}, MODEL)
