"""The ledger: on what the variance rests, by grade, by evidence and by source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import xarray as xr

from uncertainty.labels import LEDGER
from uncertainty.ledger import publisher
from uncertainty.report.anchors import to
from uncertainty.report.blocks import (
    Block,
    Cell,
    Column,
    Folded,
    Link,
    Paragraph,
    Part,
    Row,
    Section,
    Table,
)
from uncertainty.report.given import Given
from uncertainty.report.register import spaced
from uncertainty.report.sections.decides import Scope, part_of_one, scoped, share
from uncertainty.report.words import percent, sentence

TITLES = {
    "grade": "By grade of the number, as it is used here",
    "evidence": "By the best evidence behind the number",
    "source": "By publisher",
}
#: Keys that stand open.
OPEN = 10
MEANING = (
    "Shares of variance. The grade of a number is that of its weakest link: it is an assumption "
    "as soon as our own judgement sets its centre or its width, whatever is cited for the rest. "
    "The evidence is the grade of the best source cited for it. A number with several sources "
    "counts for each of their publishers in equal parts."
)


def rests(given: Given) -> Section | None:
    """The headline's outcome open, the others folded."""
    if "ledger" not in given.tree:
        return None
    head = given.outcome_of("ledger")
    blocks: list[Block] = [Paragraph([MEANING])]
    blocks += views(given, head)
    for outcome in given.tree["ledger"].children:
        if outcome != head:
            title = sentence(given.name_of(str(outcome)))
            blocks.append(Folded(title, list(views(given, str(outcome)))))
    return Section("rests", "What it rests on", blocks)


def views(given: Given, outcome: str) -> Iterator[Block]:
    """Tables and charts of one outcome."""
    book = given.tree["ledger"].children[outcome].to_dataset()
    for view in LEDGER:
        renamed = book[[f"by_{view}", f"by_{view}_interval"]].rename({view: "parameter"})
        scope = scoped(given, renamed, [f"by_{view}"])
        if scope is None:
            yield Paragraph(["It varies by more than years; see ledger.csv beside this page."])
            return
        yield from tables(given, outcome, view, scope)
        more = [yearly(view, book[f"by_{view}"])] if view == "grade" and scope.years else []
        if f"ledger-{view}-{outcome}" in given.pictures.shown:
            yield from given.pictures.figure(f"ledger-{view}-{outcome}", more)


def tables(given: Given, outcome: str, view: str, scope: Scope) -> Iterator[Block]:
    """The largest keys open, the rest folded."""
    keys = scope.found["parameter"].values.tolist()
    title: list[Part] = [f"{TITLES[view]}; ", given.decides(outcome)]
    yield table(given, view, scope, keys[:OPEN], title)
    if keys[OPEN:]:
        rest = table(given, view, scope, keys[OPEN:], [TITLES[view]])
        yield Folded(f"The other {len(keys) - OPEN}", [rest])


def table(
    given: Given, view: str, scope: Scope, keys: Sequence[str], title: Sequence[Part]
) -> Table:
    """Shares of some keys; of publishers with the numbers of their sources."""
    heads = [str(year) for year in scope.years] or ["Share of variance"]
    columns = [Column(sentence(view), number=False), *map(Column, heads)]
    columns += [Column("Sources", number=False)] if view == "source" else []
    rows = []
    for key in keys:
        found = scope.found.sel(parameter=key)
        cells = [share(found.isel(place=i), f"by_{view}", i == scope.middle)
                 for i in range(found.sizes["place"])]  # fmt: skip
        more = [Cell(documents(given, key))] if view == "source" else []
        bar = part_of_one(float(found[f"by_{view}"].isel(place=scope.middle)))
        rows.append(Row.of(Cell([key], share=bar), *cells, *more))
    return Table(title, columns, rows, look="ranking")


def documents(given: Given, name: str) -> list[Part]:
    """The numbers of a publisher's documents."""
    return spaced(
        [
            Link(f"[{source.number}]", to("source", source.number))
            for source in given.register.sources
            if publisher(source.facts) == name
        ]
    )


def yearly(view: str, shares: xr.DataArray) -> Table:
    """The shares that a chart over the years draws."""
    keys = shares[view].values.tolist()
    columns = [Column("Year", number=False), *(Column(sentence(key)) for key in keys)]
    rows = [
        Row.of(str(year), *(percent(v, 1) for v in shares.sel(year=year).values.tolist()))
        for year in shares["year"].values.tolist()
    ]
    return Table([TITLES[view]], columns, rows)
