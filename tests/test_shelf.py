"""What ships: each study runs from the shelf, small, and its identities hold in every draw."""

import re
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

import uncertainty as un
from uncertainty import files
from uncertainty.catalogue import read_catalogue
from uncertainty.checked import check
from uncertainty.pair import open_any

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def china():
    """The flagship, small."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* does not vary at")
        warnings.filterwarnings("ignore", message=".* is so skewed")
        warnings.filterwarnings("ignore", message=".* has shares of variance whose")
        return un.open_study("china-computing-2035").prior_only().with_settings(size=512).compute()


@pytest.mark.parametrize("name", files.shelved("studies"))
def test_every_study_is_in_order(name):
    assert open_any(name).row.title
    assert check(name).warnings == 0


@pytest.mark.parametrize("name", files.shelved("priors"))
def test_every_catalogue_is_in_order(name):
    catalogue, faults = read_catalogue(files.read_document(files.shelved("priors")[name]))
    assert faults == []
    assert catalogue is not None
    assert all(entry.prior.reading for entry in catalogue.entries.values())


def test_identities_hold_in_every_draw(china):
    draws = china["prior_predictive"]
    total = draws["electricity"]
    for part, dim in (("workload", "workload"), ("region", "region"), ("site", "site")):
        gap = draws[f"electricity_by_{part}"].sum(dim) - total
        assert float(abs(gap / total).max()) < 1e-12
    effects = draws["savings"] + draws["dilution"] + draws["rebound"]
    assert float(abs(effects - draws["net_effect"]).max()) < 1e-9
    assert float(abs(total - draws["without_levers"] - draws["net_effect"]).max()) < 1e-9
    change = total - total.sel(year=2024)
    assert float(abs(draws["contributions"].sum("contribution") - change).max()) < 1e-8
    identity = draws["it_capacity"] * 8.76 * china["prior"]["load_factor"] * draws["pue"]
    assert float(abs(identity / total - 1).max()) < 1e-12
    assert float(draws["pue"].min()) > 1


def test_levers_save_first_and_rebound_later(china):
    above = china["exceedance"]["net_effect"].squeeze()
    assert above.sel(year=2025) < 0.1
    assert above.sel(year=2035) > above.sel(year=2028)


def test_plausibility_of_2030(china):
    """Published figures for China in 2030 run from 277 (IEA, Base) to 800 TWh (NEA and CEC)."""
    low, median, high = china["intervals"]["electricity"].sel(year=2030, quantile=[0.05, 0.5, 0.95])
    assert low < 277 < high
    assert 200 < median < 400


def test_drivers_hold_every_parameter_and_group(china):
    found = china["drivers/electricity"]
    assert found.sizes["parameter"] == 74
    first_year = found["S1"].sel(year=2024)
    assert first_year.sel(parameter="base_electricity") == pytest.approx(1, abs=0.03)
    groups = china["driver_groups/net_effect"]["parameter"].values.tolist()
    assert {"efficiency", "adoption", "rebound", "demand"} <= set(groups)


def test_observations_before_the_horizon_are_kept(china):
    rows = china["observations"].to_dataset()
    seen = rows.where(
        (rows["outcome"] == "electricity") & (rows["source"].str.startswith("IEA")), drop=True
    )
    np.testing.assert_array_equal(np.sort(seen["year"]), [2020, 2023, 2024])


def test_architecture_lists_every_module():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    package = ROOT / "uncertainty"
    names = [p.stem for p in package.glob("*.py") if p.stem != "__init__"]
    names += [p.stem for folder in ("energy", "tally") for p in (package / folder).glob("[!_]*.py")]
    missing = [n for n in names if n != "arrays" and f"`{n}`" not in text]
    assert missing == []
    folders = [p.parent.name for p in package.glob("*/__init__.py")]
    assert [f for f in folders if f"`{f}/`" not in text] == []


def test_the_wheel_carries_the_shelf(tmp_path):
    uv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(uv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    for kind in ("priors", "studies"):
        for path in (ROOT / kind).iterdir():
            assert f"uncertainty/shelf/{kind}/{path.name}" in names
    assert "uncertainty/py.typed" in names


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, uncertainty; print([m for m in ('numpy', 'pymc', 'matplotlib', 'pandas') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_every_public_name_resolves():
    for name in un.__all__:
        assert getattr(un, name) is not None
    assert callable(un.model)
    assert callable(un.drivers)
    with pytest.raises(AttributeError, match="has no attribute 'modle'"):
        un.modle  # noqa: B018
    assert re.match(r"\d+\.\d+", un.__version__)
