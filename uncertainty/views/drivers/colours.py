"""One colour a group of parameters, the same in every driver chart, in steps for its members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from uncertainty.views.drawing.style import category, tinted

# Shares of white for the first, second, ... member: neighbours differ clearly.
STEPS = (0.0, 0.4, 0.6, 0.22, 0.5, 0.7)


def group_colours(groups: Iterable[str]) -> dict[str, str]:
    """Give each named group a colour, in the order of the names."""
    names = sorted({name for name in groups if name})
    return {name: category(n) for n, name in enumerate(names)}


def member_colours(groups: Mapping[str, str], palette: Mapping[str, str]) -> dict[str, str]:
    """Give each parameter its group's colour in a lightness of its own.

    Parameters
    ----------
    groups : mapping
        Group by parameter, in the order of drawing; where no parameter has a group each gets a
        colour of its own.
    palette : mapping
        Colour by group, from `group_colours`.
    """
    if not any(groups.values()):
        return {name: category(n) for n, name in enumerate(groups)}
    seen: Counter[str] = Counter()
    colours = {}
    for name, group in groups.items():
        base = palette.get(group, category(0))
        colours[name] = tinted(base, STEPS[seen[group] % len(STEPS)])
        seen[group] += 1
    return colours
