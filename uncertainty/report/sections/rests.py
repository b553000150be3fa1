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
from uncertainty.report.scope import Scope, scoped
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
    """The headline's outcome open, the others of the page folded."""
    if "ledger" not in given.tree:
        return None
    head = given.outcome_of("ledger")
    blocks: list[Block] = [Paragraph([MEANING]), *views(given, head)]
    others = [name for name in given.explained if name != head and given.has("ledger", name)]
    blocks += [Folded(sentence(given.name_of(n)), list(views(given, n))) for n in others]
    return Section("rests", "What it rests on", blocks)


def views(given: Given, outcome: str) -> Iterator[Block]:
    """Tables and charts of one outcome."""
    book = given.tree["ledger"].children[outcome].to_dataset()
    for view in LEDGER:
        scope = scoped(given, book, [f"by_{view}"], view)
        if scope is None:
            yield Paragraph(["It has too many places for a table; see ledger.csv."])
            return
        yield from tables(given, outcome, view, scope)
        drawn = book[f"by_{view}"]
        more = [yearly(view, drawn)] if view != "source" and drawn.dims == ("year", view) else []
        if f"ledger-{view}-{outcome}" in given.pictures.shown:
            yield from given.pictures.figure(f"ledger-{view}-{outcome}", more)


def tables(given: Given, outcome: str, view: str, scope: Scope) -> Iterator[Block]:
    """Grades in their order, publishers from the largest; of those the rest is folded."""
    which = scope.order(f"by_{view}") if view == "source" else list(range(len(scope.keys)))
    title = f"{TITLES[view]}{scope.where if scope.ranking is None else ''}"
    yield table(given, view, scope, which[:OPEN], [f"{title}; ", given.decides(outcome)])
    if which[OPEN:]:
        other = table(given, view, scope, which[OPEN:], [title])
        yield Folded(f"The other {len(which) - OPEN}", [other])


def table(
    given: Given, view: str, scope: Scope, which: Sequence[int], title: Sequence[Part]
) -> Table:
    """Shares of some keys; of publishers with the numbers of their sources."""
    columns = [Column(sentence(view), number=False), *map(Column, scope.heads)]
    columns += [Column("Sources", number=False)] if view == "source" else []
    rows = []
    for place in which:
        key = scope.keys[place]
        more = [Cell(documents(given, key))] if view == "source" else []
        head = Cell([key], share=scope.share(f"by_{view}", place))
        rows.append(Row.of(head, *scope.texts(f"by_{view}", place), *more))
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
