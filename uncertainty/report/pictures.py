"""Pictures: which charts stand in the page, and which are left as files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uncertainty.labels import headline_wish, middle, waterfall_name
from uncertainty.report.anchors import anchor
from uncertainty.report.blocks import Block, Figure, Item, Link
from uncertainty.report.svg import inline, title_of

FOLDER, ENDING = "figures/", ".svg"
#: How names of fans after a fit begin.
AFTER = "fan-posterior-"
#: Bytes that the charts of a page may take, so that it stays under a megabyte.
ROOM = 600_000
#: Charts of one kind, at most.
MOST = 2


@dataclass(frozen=True)
class Pictures:
    """Charts by name.

    Attributes
    ----------
    shown : {name: markup}
        Those that stand in the page.
    files : {name: bytes}
        All of them.
    """

    shown: Mapping[str, str]
    files: Mapping[str, bytes]

    @property
    def fan(self) -> str:
        """The outcome of the first fan, empty when there is none."""
        return first_fan(self.files)

    def figure(self, name: str, table: Sequence[Block] = ()) -> Iterable[Block]:
        """A chart with what it draws; without the chart what it draws, if there is any."""
        if name not in self.shown:
            return table
        return [Figure(anchor("figure", name), self.shown[name], f"{FOLDER}{name}{ENDING}", table)]

    def others(self) -> list[Item]:
        """Those that do not stand in the page, as links to their files."""
        return [
            Item([Link(title_of(name, content), f"{FOLDER}{name}{ENDING}")])
            for name, content in sorted(self.files.items())
            if name not in self.shown
        ]


def pictures(tree: Any, figures: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Pictures:
    """Choose charts: in the order of `wanted`, as long as there is room."""
    files = {
        name.removesuffix(ENDING): content
        for name, content in figures.items()
        if name.endswith(ENDING)
    }
    shown: dict[str, str] = {}
    left = ROOM
    for name in wanted(tree, files, manifest):
        markup = inline(f"{FOLDER}{name}{ENDING}", files[name], f"f{len(shown) + 1}-")
        size = len(markup.encode())
        if size <= left:
            shown[name] = markup
            left -= size
    return Pictures(shown, files)


def wanted(tree: Any, files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterable[str]:
    """Names of the charts that the sections ask for, the most important first."""
    wish = headline_wish(tree)
    outcome = wish.get("outcome") or first_fan(files)
    years = wish.get("years") or []
    suffix = f"-{middle(years)}" if years else ""
    margins = (manifest.get("margins") or {}).get("outcomes", [])
    names = [
        f"fan-{outcome}",
        f"prior-posterior-{outcome}",
        "learned",
        f"source-bias-{outcome}",
        "check",
        f"drivers-{outcome}{suffix}",
        f"turning-{wish.get('turning')}",
        f"ledger-grade-{outcome}",
        f"ledger-evidence-{outcome}",
        *[waterfall_name(step) for step in manifest.get("waterfalls") or []][:MOST],
        *[f"margins-{name}" for name in margins][:MOST],
        "readings",
        f"placements-{outcome}",
        f"ledger-source-{outcome}",
    ]
    return [name for name in dict.fromkeys(names) if name in files]


def first_fan(files: Mapping[str, bytes]) -> str:
    """The outcome of the first chart that is a fan."""
    fans = (n for n in sorted(files) if n.startswith("fan-") and not n.startswith(AFTER))
    return next((n.removeprefix("fan-") for n in fans), "")
