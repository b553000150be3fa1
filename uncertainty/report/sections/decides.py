"""What decides: the parameters of each outcome of the page, largest share of variance first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from uncertainty.report.anchors import anchor
from uncertainty.report.blocks import (
    Block,
    Cell,
    Column,
    Folded,
    Group,
    Heading,
    Link,
    Paragraph,
    Row,
    Section,
    Table,
)
from uncertainty.report.given import EXPLAINED, Given
from uncertainty.report.scope import Scope, scoped
from uncertainty.report.words import sentence, told

#: Rows that stand open.
OPEN = 10
HEADS = {"S1": "Alone (S1)", "ST": "With interactions (ST)"}
INDICES = {"shapley": ("Sh",), "drivers": ("ST", "S1")}
"""Group -> its indices; the first one ranks."""
MEANING = {
    "shapley": "Shapley effects: parts of the variance that sum to one, interactions shared out.",
    "drivers": "Sobol' indices: S1 is the part of the variance that a parameter explains alone, "
    "ST the part it has a hand in, so that these sum to more than one.",
}


def decides(given: Given) -> Section | None:
    """One part an outcome, the headline's first; those of reserves and sentences are folded."""
    if not given.explained:
        return None
    groups = {n: Group(anchor("decides", n), part(given, n)) for n in given.explained}
    main: list[Block] = [group for name, group in groups.items() if given.is_main(name)]
    others = [group for name, group in groups.items() if not given.is_main(name)]
    head = [Heading("Other outcomes of this page")] if others else []
    return Section("decides", "What decides", [*main, *head, *others])


def part(given: Given, outcome: str) -> list[Block]:
    """One outcome: open where it stands in the headline table, else folded."""
    name, blocks = sentence(given.name_of(outcome)), list(content(given, outcome))
    return [Heading(name), *blocks] if given.is_main(outcome) else [Folded(name, blocks)]


def content(given: Given, outcome: str) -> Iterator[Block]:
    """Tables and chart of one outcome."""
    groups = [g for g in EXPLAINED if given.has(g, outcome)]
    main, *others = [list(ranking(given, group, outcome)) for group in groups]
    yield from main
    more = [block for blocks in others for block in blocks]
    name = chart_name(given, outcome)
    if name in given.pictures.shown:
        yield from given.pictures.figure(name, more)
    elif more:
        yield Folded("Alone and with interactions (Sobol' indices)", more)


def chart_name(given: Given, outcome: str) -> str:
    """The chart of the drivers in the middle of the headline's years."""
    years = given.wish.get("years") or []
    return f"drivers-{outcome}{f'-{given.middle(years)}' if years else ''}"


def ranking(given: Given, group: str, outcome: str) -> Iterator[Block]:
    """The parameters by one kind of index: first ones open, the rest folded."""
    found = given.tree[group].children[outcome].to_dataset()
    scope = scoped(given, found, INDICES[group], "parameter")
    if scope is None:
        text = "It has too many places for a table; its shares lie beside this page as CSV."
        yield Paragraph([text, " ", Link("All parameters", "#parameters"), "."])
        return
    order, sure = scope.order(INDICES[group][0]), scope.sure(INDICES[group][0])
    first = [i for i in order if sure[i]][:OPEN]
    title = f"Share of variance{scope.where}, largest first"
    yield table(given, group, scope, first, title)
    yield Paragraph([note(given, group, outcome, scope)], small=True)
    yield from rest(given, group, scope, [i for i in order if i not in first], outcome)


def rest(
    given: Given, group: str, scope: Scope, which: Sequence[int], outcome: str
) -> Iterator[Block]:
    """The other parameters: all of them for the outcomes of the headline, else where they are."""
    zero = int((~scope.sure(INDICES[group][0])[list(which)]).sum()) if which else 0
    text = f"The other {len(which)} parameters, {zero} of them not told from zero"
    if which and given.is_main(outcome):
        yield Folded(text, [table(given, group, scope, which, "The other parameters")])
    elif which:
        yield Paragraph([f"{text}: ", Link("all parameters", "#parameters"), "."], small=True)


def note(given: Given, group: str, outcome: str, scope: Scope) -> str:
    """What the numbers are and how sure they are."""
    if scope.ranking is None:
        return f"{MEANING[group]} Their intervals lie beside this page as CSV."
    attrs = given.tree[group].children[outcome].attrs
    prob = f"{100 * float(attrs.get('interval_prob', 0.95)):g}%"
    kind = told(attrs.get("interval_kind", "")).replace("t over", "Student's t over")
    return f"{MEANING[group]} Brackets: {prob} interval{f' ({kind})' if kind else ''}."


def table(given: Given, group: str, scope: Scope, which: Sequence[int], title: str) -> Table:
    """Some of the parameters, with grade and sources."""
    single = group == "drivers" and scope.ranking is not None
    heads = [HEADS[name] for name in INDICES[group]] if single else scope.heads
    columns = [Column("Parameter", number=False), *map(Column, heads)]
    columns += [Column("Grade", number=False), Column("Sources", number=False)]
    rows = [row(given, group, scope, i) for i in which]
    return Table([title], columns, rows, look="ranking")


def row(given: Given, group: str, scope: Scope, key: int) -> Row:
    """One parameter: its shares at every place, or both Sobol' indices where one place ranks."""
    name, first = scope.keys[key], INDICES[group][0]
    if group == "drivers" and scope.ranking is not None:
        cells = [scope.text(index, key, scope.ranking) for index in INDICES[group]]
    else:
        cells = list(scope.texts(first, key))
    head = Cell([given.parameter(name)], share=scope.share(first, key))
    return Row.of(head, *cells, given.grade(name), Cell(given.register.links(name)))
