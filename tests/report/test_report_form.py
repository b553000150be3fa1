"""The form of a page: what it loads, how it is built, how large it is, and that it is the same."""

import re
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

import uncertainty as un
from tests.report.pages import by_id, read
from uncertainty.directory import manifest
from uncertainty.report import page as made

ROOT = Path(__file__).parents[2]
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def remade(directory: Path) -> str:
    """The page made from what lies in a directory."""
    figures = {path.name: path.read_bytes() for path in directory.glob("figures/*.svg")}
    return made(un.read_result(directory), figures, manifest(directory))


def test_the_policy_forbids_all_but_styles(page):
    policies = [m.facts["content"] for m in page.every("meta") if "http-equiv" in m.facts]
    assert policies == [POLICY]


def test_nothing_is_loaded(directory, page):
    loading = {
        "script",
        "link",
        "img",
        "image",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "foreignobject",
    }
    assert not loading & {found.tag for found in page.every()}
    for found in page.every():
        assert not {"src", "srcset", "background", "xlink:href"} & set(found.facts)
        for key, value in found.facts.items():
            if found.tag != "a" and key not in {"aria-label", "content"}:
                assert "http" not in value, f"<{found.tag} {key}={value!r}>"
    style = "".join(found.text for found in page.every("style"))
    assert "url(" not in style
    assert "@import" not in style


def test_headings_skip_no_level(page):
    levels = [int(found.tag[1]) for found in page.every("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_tables_say_what_their_headings_head(page):
    tables = list(page.every("table"))
    assert tables
    for table in tables:
        assert next(table.every("caption")).text
        assert all(
            head.facts.get("scope") in {"col", "row", "rowgroup"} for head in table.every("th")
        )
        columns = len(list(next(table.every("thead")).every("th")))
        for row in table.every("tr"):
            spans = [int(c.facts.get("colspan", 1)) for c in row.every("th", "td")]
            assert sum(spans) == columns


def test_charts_are_images_with_their_own_sentence(directory, page):
    figures = list(page.every("figure"))
    assert 5 <= len(figures) <= 16
    for figure in figures:
        (svg,) = figure.every("svg")
        name = figure.facts["id"].removeprefix("figure-")
        text = (directory / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        said = next(read(text).every("desc")).text
        assert svg.facts["role"] == "img"
        assert svg.facts["aria-label"] == said


def test_charts_share_no_identifier_and_refer_to_their_own(page):
    by_id(page)  # all are different
    prefixes = []
    for svg in page.every("svg"):
        own = {found.facts["id"] for found in svg.every() if "id" in found.facts}
        prefixes += {re.match(r"f\d+-", name)[0] for name in own}
        used = set()
        for found in svg.every():
            used |= {href[1:] for key, href in found.facts.items() if key == "href"}
            used |= {
                name
                for value in found.facts.values()
                for name in re.findall(r"url\(#([^)]*)\)", value)
            }
        assert used == own
    assert prefixes
    assert len(prefixes) == len(set(prefixes))


def test_the_flagship_stays_under_a_megabyte(flagship):
    assert (flagship / "report.html").stat().st_size < 1_000_000


def test_charts_that_have_no_room_are_left_as_files(small):
    figures = {path.name: path.read_bytes() for path in small.glob("figures/*.svg")}
    extra = "".join(
        f'<path d="M 0 {i}.123456 L 1 {i}.5" style="fill: red"/>' for i in range(20_000)
    )
    large = figures["fan-demand.svg"].replace(b"</svg>", f"{extra}</svg>".encode())
    page = read(made(un.read_result(small), {**figures, "fan-demand.svg": large}, manifest(small)))
    places = by_id(page)
    assert "figure-fan-demand" not in places
    assert "figures/fan-demand.svg" in places["charts"].links
    assert "figure-turning-turn" in places
    assert [
        next(row.every("th")).text for row in next(places["projection"].every("tbody")).every("tr")
    ] == ["2025", "2026", "2027"]


def test_the_same_result_gives_the_same_page(directory):
    written = (directory / "report.html").read_text(encoding="utf-8")
    assert remade(directory) == written == remade(directory)


def test_it_prints_and_follows_the_light(page):
    style = "".join(found.text for found in page.every("style"))
    for wanted in ("prefers-color-scheme: dark", "@page", "size: A4", "@media print"):
        assert wanted in style


def luminance(colour: str) -> float:
    """Relative luminance of a colour such as #1b1d20, by WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_can_be_read_in_both_schemes(small_page, scheme):
    style = "".join(found.text for found in small_page.every("style"))
    found = re.findall(r"--(\w+): (#[0-9a-f]{6})", style)
    colours = dict(found[scheme * 7 : scheme * 7 + 7])
    assert set(colours) == {"ground", "ink", "quiet", "line", "faint", "link", "bar"}
    for name, least in {"ink": 4.5, "quiet": 4.5, "link": 4.5, "bar": 3.0}.items():
        for ground in ("ground", "faint"):
            light, dark = sorted(
                (luminance(colours[name]), luminance(colours[ground])), reverse=True
            )
            assert (light + 0.05) / (dark + 0.05) >= least, (name, ground)


def test_the_wheel_carries_the_templates(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    templates = list((ROOT / "uncertainty/report/templates").iterdir())
    assert len(templates) == 3
    for path in templates:
        assert f"uncertainty/report/templates/{path.name}" in names


def test_a_page_needs_no_drawing():
    code = (
        "import sys, numpy as np, xarray as xr; from uncertainty.report import page;"
        "i = xr.Dataset({'y': ('quantile', [1.0, 2.0, 3.0])}, {'quantile': [0.1, 0.5, 0.9]});"
        "page(xr.DataTree.from_dict({'/intervals': i}), {}, {});"
        "print('matplotlib' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
