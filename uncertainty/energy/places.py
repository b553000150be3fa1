"""Places: the classes of sites and the regions that a model tells apart, and how they are named.

Parameters, coordinates and equations follow from this structure; nothing else knows how many
classes or regions there are, or what they are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from uncertainty.energy.workloads import KINDS, SHIFTING
from uncertainty.errors import ModelError
from uncertainty.names import listed, suggestion

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Places:
    """Classes of sites, regions in the order of each kind of work, and who has a load factor.

    Shares are nested: each is taken within what those before it leave, and the last place takes
    the rest, so that the shares sum to one while their parameters stay independent.

    Attributes
    ----------
    sites : tuple of str
        At least one. The first is the class that inference leaves as small models spread.
    regions : {kind of work: tuple of str}
        At least one, the same names for each kind in the order of its nested shares.
    load_factor_by_site : bool
        Whether each class of sites has a load factor of its own.

    Raises
    ------
    ModelError
        With all faults together: an empty list, a name that is no lower-case identifier or stands
        twice, regions that differ between kinds of work, an unknown kind of work.
    """

    sites: tuple[str, ...]
    regions: Mapping[str, tuple[str, ...]] = field(hash=False)
    load_factor_by_site: bool = False

    def __post_init__(self) -> None:
        if faults := _faults(self):
            raise ModelError("; ".join(faults))

    @classmethod
    def of(
        cls,
        sites: Sequence[str],
        regions: Sequence[str] | Mapping[str, Sequence[str]],
        load_factor_by_site: bool = False,
    ) -> Places:
        """Places as a study writes them: lists, and one list of regions or one for each kind."""
        by_kind = regions if isinstance(regions, Mapping) else dict.fromkeys(KINDS, regions)
        lists = {kind: _tuple(names) for kind, names in by_kind.items()}
        return cls(_tuple(sites), lists, load_factor_by_site)

    @property
    def region_labels(self) -> tuple[str, ...]:
        """The regions in the order of coordinates, which is training's."""
        return self.regions["training"]

    def site_shares(self, kind: str) -> tuple[str, ...]:
        """Parameters of the nested shares of a kind of work, all classes of sites but the last."""
        return tuple(f"{kind}_{site}_share" for site in self.sites[:-1])

    @property
    def leaving(self) -> str | None:
        """Parameter of the part of inference that leaves the first class; None with one class."""
        return "decentralisation" if len(self.sites) > 1 else None

    @property
    def arrivals(self) -> tuple[str, ...]:
        """Parameters of the nested shares of what leaves, all other classes but the last."""
        return tuple(f"decentralisation_{site}" for site in self.sites[1:-1])

    @property
    def pues(self) -> dict[str, str]:
        """Parameter of the PUE of each class of sites."""
        return {site: f"{site}_pue" for site in self.sites}

    @property
    def load_factors(self) -> dict[str, str]:
        """Parameter of the load factor of each class of sites."""
        own = self.load_factor_by_site
        return {site: f"{site}_load_factor" if own else "load_factor" for site in self.sites}

    def region_shares(self, kind: str) -> tuple[str, ...]:
        """Parameters of the nested shares of a kind of work, all regions but the last."""
        return tuple(f"{kind}_{region}_share" for region in self.regions[kind][:-1])

    def region_shift(self, kind: str) -> str | None:
        """Parameter of what moves to the first region; None where nothing moves."""
        first, *others = self.regions[kind]
        return f"{kind}_{first}_shift" if others and kind in SHIFTING else None


def _tuple(names: Sequence[str]) -> tuple[str, ...]:
    # What is no list stays as it is, for the check to name it: a text would fall into letters.
    return tuple(names) if isinstance(names, list) else names  # type: ignore[return-value]


def _faults(places: Places) -> list[str]:
    """All faults; lists are compared with one another only when each is sound by itself."""
    lists = {"sites": places.sites, **_region_lists(places.regions)}
    faults = [fault for what, names in lists.items() for fault in _list_faults(what, names)]
    faults += _kind_faults(places.regions)
    if not faults:
        faults += _region_faults(places)
    if not isinstance(places.load_factor_by_site, bool):
        faults.append(
            f"load_factor_by_site: must be true or false, got {places.load_factor_by_site!r}"
        )
    return list(dict.fromkeys(faults))


def _region_lists(regions: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Lists of regions by what messages call them; one list for all kinds of work stands once."""
    first, *others = regions.values() or ((),)
    if all(names == first for names in others):
        return {"regions": first}
    return {f"regions of {kind}": names for kind, names in regions.items()}


def _list_faults(what: str, names: object) -> Iterator[str]:
    """What is wrong with one list of names."""
    if not isinstance(names, tuple):
        yield f"{what}: must be a list of names, got {names!r}"
        return
    if not names:
        yield f"{what}: the list is empty; name at least one"
    for name in names:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            yield (
                f"{what}: {name!r} is not a lower-case identifier; use a-z, 0-9 and _, "
                "beginning with a letter"
            )
        elif names.count(name) > 1:
            yield f"{what}: {name!r} stands there {names.count(name)} times; name it once"


def _kind_faults(regions: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Kinds of work that do not exist or have no list."""
    for kind in regions:
        if kind not in KINDS:
            near = suggestion(str(kind), KINDS)
            yield f"regions: {kind!r} is not a kind of work{near} (allowed: {listed(KINDS)})"
    for kind in KINDS:
        if kind not in regions:
            yield f"regions: there is no list for {kind}; give one list, or one for each kind"


def _region_faults(places: Places) -> Iterator[str]:
    """Regions that differ between kinds of work, or that are called as a class of sites is."""
    first, *others = places.regions
    for kind in others:
        if set(places.regions[kind]) != set(places.regions[first]):
            yield (
                f"regions: {first} has {listed(places.regions[first])}, {kind} has "
                f"{listed(places.regions[kind])}; the names must be the same"
            )
    for name in places.sites:
        if any(name in names for names in places.regions.values()):
            yield f"regions: {name!r} is a class of sites too; their parameters would be the same"
