"""Design: where in the unit cube to look, cut in blocks that know only seed and number.

Every design is a sequence of independent **replicates** (for Sobol' points: independent
scrambles) of `size` points each. The spread over replicates is the error of whatever is
estimated from them (Owen 2025, arXiv:2501.00150). Points lie strictly inside the cube.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import batched
from threading import Lock

import numpy as np

from uncertainty.arrays import Array
from uncertainty.errors import DesignError
from uncertainty.names import suggestion

#: Points of one replicate a block holds: arrays of (year, sample) then fit the cache.
BLOCK = 2048
#: Blocks of a batch.
BATCH = 16
SOBOL_BITS = 30
MOST_DIMENSIONS = 21_201
MOST_POINTS = 2**SOBOL_BITS
MOST_SEED = 2**63
MOST_CELLS = 2**30


@dataclass(frozen=True)
class Block:
    """Which points of a design: numbers `start` to `stop` of one replicate."""

    replicate: int
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many points."""
        return self.stop - self.start


@dataclass(frozen=True)
class Batch:
    """Consecutive blocks of one replicate."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Design:
    """Points in (0, 1)^dimension.

    Attributes
    ----------
    kind : {"random", "latin", "sobol"}
        Independent points, a Latin hypercube, or scrambled Sobol' points.
    dimension, size, seed, replicates : int
        Coordinates of a point; points per replicate; the seed; independent repetitions.
    block : int
        Points per block. The points do not depend on it.
    """

    kind: str
    dimension: int
    size: int
    seed: int
    replicates: int = 1
    block: int = BLOCK

    def __post_init__(self) -> None:
        check_design(self)

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks, replicate by replicate."""
        for replicate in range(self.replicates):
            yield from self.replicate_blocks(replicate)

    @property
    def first(self) -> Block:
        """The first block."""
        return next(self.blocks)

    def replicate_blocks(self, replicate: int) -> Iterator[Block]:
        """The blocks of one replicate in order."""
        for start in range(0, self.size, self.block):
            yield Block(replicate, start, min(start + self.block, self.size))

    @property
    def batches(self) -> Iterator[Batch]:
        """Runs of blocks of one replicate: the unit of work, of progress and of resuming."""
        return self.batches_from(0)

    def batches_from(self, first: int) -> Iterator[Batch]:
        """The same from one replicate on."""
        for replicate in range(first, self.replicates):
            for group in batched(self.replicate_blocks(replicate), BATCH):
                yield Batch(group)

    def points(self, block: Block) -> Array:
        """Coordinates of a block's points, shape (dimension, block.size), read-only."""
        u = KINDS[self.kind](self, block)
        u.flags.writeable = False
        return u


def batch_count(size: int, replicates: int) -> int:
    """How many batches a design of that size has."""
    return replicates * -(-size // (BLOCK * BATCH))


def check_design(design: Design) -> None:
    """Raise `DesignError` for a design that cannot be drawn; warn of one that is weak."""
    if design.kind not in KINDS:
        near = suggestion(str(design.kind), KINDS)
        msg = f"unknown design {design.kind!r}, expected one of {', '.join(KINDS)}{near}"
        raise DesignError(msg)
    for name in ("dimension", "size", "replicates", "block"):
        value = getattr(design, name)
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
            msg = f"design: {name} must be a whole number of at least 1, got {value!r}"
            raise DesignError(msg)
    if not isinstance(design.seed, int | np.integer) or design.seed < 0:
        msg = f"design: seed must be a whole number of at least 0, got {design.seed!r}"
        raise DesignError(msg)
    if design.seed >= MOST_SEED:
        msg = f"design: seed must be below 2^63, got {design.seed}"
        raise DesignError(msg)
    if design.kind == "sobol":
        check_sobol(design)
    if design.kind == "latin" and design.dimension * design.size > MOST_CELLS:
        msg = (
            f"a Latin hypercube keeps its permutations in memory: {design.dimension} coordinates "
            f"and {design.size} points are more than {MOST_CELLS:,} numbers; "
            "use design='sobol' or 'random'"
        )
        raise DesignError(msg)


def check_sobol(design: Design) -> None:
    """Limits of the Sobol' sequence, and its balance at powers of two (Owen, arXiv:2008.08051)."""
    if design.dimension > MOST_DIMENSIONS or design.size > MOST_POINTS:
        msg = (
            f"a Sobol' design holds at most {MOST_DIMENSIONS} coordinates and {MOST_POINTS} "
            f"points, got {design.dimension} and {design.size}; use design='random'"
        )
        raise DesignError(msg)
    if design.size & (design.size - 1):
        below = 2 ** (int(design.size).bit_length() - 1)
        msg = (
            f"a Sobol' design of {design.size} points is unbalanced; "
            f"{below} or {2 * below} points (a power of 2) are more accurate"
        )
        warnings.warn(msg, stacklevel=5)


def generator(*key: int, seed: int) -> np.random.Generator:
    """An independent random generator for each `key` under one seed."""
    return np.random.default_rng(np.random.SeedSequence(int(seed), spawn_key=key))


def random_points(design: Design, block: Block) -> Array:
    """Independent uniform points: the stream of a replicate, advanced to the block."""
    key = np.random.SeedSequence(int(design.seed), spawn_key=(block.replicate,))
    stream = np.random.PCG64(key).advance(block.start * design.dimension)
    u = np.random.Generator(stream).random((block.size, design.dimension))
    return np.maximum(u.T, 2.0**-54)


@lru_cache(maxsize=2)
def permutations(dimension: int, size: int, seed: int, replicate: int) -> np.ndarray:
    """The cells of a Latin hypercube: (dimension, size), each row a permutation."""
    rng = generator(replicate, 0, seed=seed)
    cells = np.tile(np.arange(size, dtype=np.int32), (dimension, 1))
    return rng.permuted(cells, axis=1)


def latin_points(design: Design, block: Block) -> Array:
    """Latin hypercube: each coordinate meets each of `size` equal cells once (McKay 1979)."""
    key = np.random.SeedSequence(int(design.seed), spawn_key=(block.replicate, 1))
    stream = np.random.PCG64(key).advance(block.start * design.dimension)
    within = np.random.Generator(stream).random((block.size, design.dimension)).T
    cells = permutations(design.dimension, design.size, design.seed, block.replicate)
    u = (cells[:, block.start : block.stop] + within) / design.size
    return np.clip(u, 2.0**-54, 1 - 2.0**-53)


class SobolStream:
    """One scramble of the Sobol' sequence that remembers where it is; threads take turns."""

    def __init__(self, dimension: int, seed: int, replicate: int) -> None:
        from scipy.stats import qmc

        self.turn = Lock()
        self.engine = qmc.Sobol(
            dimension,
            scramble=True,
            bits=SOBOL_BITS,
            rng=generator(replicate, seed=seed),
        )

    def take(self, start: int, size: int) -> Array:
        """Points `start` to `start + size`, shape (dimension, size)."""
        with self.turn:
            if start < self.engine.num_generated:
                self.engine.reset()
            if start > self.engine.num_generated:
                self.engine.fast_forward(start - self.engine.num_generated)
            # The first point alone: the engine warns of a first call for n points, n no power
            # of 2, even where they are a block of a longer sequence.
            first = [self.engine.random(1)] if start == 0 else []
            rest = size - len(first)
            points = [*first, self.engine.random(rest)] if rest else first
            return np.ascontiguousarray(np.concatenate(points).T)


@lru_cache(maxsize=16)
def sobol_stream(dimension: int, seed: int, replicate: int) -> SobolStream:
    """The stream of one replicate, kept because making it costs a millisecond."""
    return SobolStream(dimension, seed, replicate)


def sobol_points(design: Design, block: Block) -> Array:
    """Scrambled Sobol' points, first point kept, moved to the centres of their cells.

    The generator's values are multiples of 2^-30; half a cell more keeps 0 out.
    """
    stream = sobol_stream(design.dimension, design.seed, block.replicate)
    return stream.take(block.start, block.size) + 2.0 ** -(SOBOL_BITS + 1)


KINDS: dict[str, Callable[[Design, Block], Array]] = {
    "random": random_points,
    "latin": latin_points,
    "sobol": sobol_points,
}
