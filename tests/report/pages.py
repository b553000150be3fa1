"""A study with texts that could break a page, and a reader that takes a page apart."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import uncertainty as un

VOID = {"meta", "br", "hr", "img", "input", "link", "col"}

MODEL = """
import numpy as np
import uncertainty as un

def demand(horizon):
    years = list(range(horizon[0], horizon[1] + 1))

    @un.model(outcomes={"demand": "TWh", "saved": "TWh", "parts": "TWh", "turn": "year"},
              dims={"demand": ("year",), "saved": ("year",), "parts": ("part", "year")},
              coords={"year": years, "part": ["one", "two"]},
              units={"start": "TWh", "growth": "1/year", "more": "TWh", "still": "1"},
              labels={"demand": "Demand of <all>", "turn": "First year above 115"})
    def model(start, growth, more, still, *, xp):
        t = np.arange(3.0)[:, None]
        base, extra = start * (1 + growth * t), still * more * t
        total = base + extra
        turn = xp.where(total[1] > 115, 2026.0, xp.where(total[2] > 115, 2027.0, 2028.0))
        parts = xp.stack([base - base[0], extra])
        return {"demand": total, "saved": extra - 6 * t, "parts": parts, "turn": turn}

    return model
"""
CATALOGUE = """
title = "Four numbers"
[parameters.start]
unit = "TWh"
label = "<b>Level</b> & start"
prior = { family = "normal", mu = 100, sigma = 3 }
grade = "model"
reading = "As the agency </td></table> has it & no \\"other\\""
sources = [
  { title = "A report", publisher = "Agency, read in a public copy", date = 2025-03-18, url = "https://a.org/?a=1&b=2", quote = "约100 <i>亿</i>", grade = "model" },
  { title = "\\"><img src=x onerror=alert(1)>", publisher = "Office", url = "javascript:alert(1)", grade = "expert judgement" },
]
[parameters.growth]
unit = "1/year"
label = "Growth a year"
prior = { family = "uniform", lower = 0.02, upper = 0.08 }
grade = "assumption"
reading = "Own judgement"
[parameters.more]
unit = "TWh"
prior = { family = "uniform", lower = 0, upper = 10 }
grade = "measurement"
reading = "Seen"
sources = [
  { title = "Meters", publisher = "Agency", grade = "measurement", quote = "東京の電力" },
  { title = "A report", publisher = "Agency, read in a public copy", date = 2025-03-18, url = "https://a.org/?a=1&b=2", quote = "five to six", grade = "model" },
]
[parameters.still]
prior = { family = "fixed", value = 1 }
grade = "assumption"
reading = "Held fixed"
sources = [{ title = "A rule", publisher = "Office", url = "http://b.org/rule" }]
"""
STUDY = """
title = "<script>alert(1)</script> A small & full study"
question = "Is 5 < 6, 还是不是?"
model = "reported:demand"
priors = ["four"]
horizon = [2025, 2027]
[design]
size = 256
replicates = 4
keep = 16
[drivers]
outcomes = ["demand"]
size = 128
replicates = 4
[shapley]
size = 128
replicates = 4
[readings]
[margins]
outcomes = ["demand", "parts"]
[headline]
outcome = "demand"
years = [2026, 2027]
effects = { "<extra> is saved" = "saved" }
turning = "turn"
chances = [{ text = "Demand of 2027 is above 120", outcome = "demand", above = 120, year = 2027 }]
[overlays]
observations = "seen.csv"
projections = "said.csv"
[[waterfalls]]
steps = "parts"
total = "demand"
year = 2027
"""
SEEN = (
    "outcome,year,value,unit,source,label,error,url\n"
    "demand,2025,99,TWh,An office,Office,1,https://office.org/99\n"
)
SAID = (
    "outcome,year,value,low,high,unit,source,label,url,published\n"
    "demand,2027,120,,,TWh,A bank,Bank,https://bank.org/120,2025-01\n"
    "demand,2026,,100,110,TWh,An office,Office,,\n"
)


@dataclass
class Element:
    """An element of a page with what is within it."""

    tag: str
    facts: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def every(self, *tags: str) -> Iterator[Element]:
        """All elements within, of some kinds when any are named."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.every(*tags)

    @property
    def text(self) -> str:
        """The text within, blanks made one."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())

    @property
    def links(self) -> list[str]:
        """Where the links within lead."""
        return [a.facts["href"] for a in self.every("a")]


class Reader(HTMLParser):
    """A page as elements; what is opened must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("root", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert self.open == [self.root]

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"<{tag}> names an attribute twice: {attrs}"
        found = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(text: str) -> Element:
    """A page taken apart."""
    return Reader(text).root


def by_id(page: Element) -> dict[str, Element]:
    """Elements by their identifier; each names one."""
    named = [found for found in page.every() if "id" in found.facts]
    ids = [found.facts["id"] for found in named]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, named, strict=True))


def sections(page: Element) -> list[str]:
    """Anchors of the sections in their order."""
    return [found.facts["id"] for found in page.every("section")]


FILES = {
    "reported.py": MODEL,
    "four.toml": CATALOGUE,
    "small.toml": STUDY,
    "seen.csv": SEEN,
    "said.csv": SAID,
}


def run(study: un.Study, directory: Path) -> Path:
    """A study run, small as it may be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # so few draws that shares are wide
        study.run(directory, command="uncertainty run it")
    return directory
