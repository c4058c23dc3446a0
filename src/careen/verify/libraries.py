"""Comparison of loaded shared libraries: files, versions and places."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.model.paths import ImagePath, name
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.trace import Trace, Use
from careen.oci.tree.rootfs import Rootfs
from careen.verify.sides import Pair
from careen.verify.words import listed

SHOWN = 50
_NOWHERE = "not loaded by any container"
_HASH = re.compile(r"[-.][0-9a-f]{8}(?=\.|\Z)")  # in names of libraries vendored by auditwheel


def family(path: str) -> str | None:
    """Return a library's name without its version, or None if the path is not a library.

    `libssl.so.3` gives `libssl`, `libgfortran-040039e1.so.5.0.0` gives `libgfortran`,
    `_ssl.cpython-311-x86_64-linux-gnu.so` gives `_ssl`.
    """
    stem, dot, version = name(ImagePath(path))[:255].partition(".so")
    if not dot or not stem or (version and not version.startswith(".")):
        return None
    stem = _HASH.sub("", stem.partition(".cpython-")[0].removesuffix(".abi3"))
    return stem.rstrip("0123456789.").rstrip("-_") or stem


def loaded(trace: Trace | None, original: Rootfs) -> frozenset[ImagePath]:
    """Return the original image's libraries that a container mapped."""
    if trace is None:
        return frozenset()
    paths = (
        touch.resolved
        for touch in trace.touches
        if touch.use is Use.MAPPED
        and touch.errno == 0
        and touch.on_image is not False
        and touch.resolved
    )
    return frozenset(
        ImagePath(path)
        for path in paths
        if family(path) is not None and ImagePath(path) in original
    )


@dataclass(frozen=True, slots=True)
class _Loaded:
    """Libraries of one container on both images: in every run (`steady`), in any (`ever`)."""

    where: str
    steady_before: frozenset[ImagePath]
    ever_before: frozenset[ImagePath]
    steady_after: frozenset[ImagePath]
    ever_after: frozenset[ImagePath]


@dataclass(frozen=True, slots=True)
class _Sides:
    """What ran on both images, and the libraries that any of it loaded, by image."""

    each: tuple[_Loaded, ...]
    ever_before: frozenset[ImagePath]
    ever_after: frozenset[ImagePath]


def compare_libraries(
    shared: Sequence[Pair], original: Rootfs, result: Rootfs
) -> Iterator[Deviation]:
    """Yield the differences in loaded libraries.

    A failure: a container loaded another file of a family *instead* of the original's, which no
    container of the original loaded. A warning: no container of one side loaded a library at all.
    `shared` is what ran on both images.
    """
    # Where loading depends on timing, only some containers or runs load a library. One that none
    # loads may be a silent fallback.
    sides = _sides(shared, original)
    swaps = [
        swap
        for side in sides.each
        for swap in _swaps(
            side.where, side.steady_before, side.steady_after - sides.ever_before, side.ever_after
        )
    ]
    told: set[ImagePath] = set()
    for where, instead_of, strange in swaps[:SHOWN]:
        told |= {*instead_of, *strange}
        yield Deviation(
            "library",
            Weight.FAILURE,
            where,
            f"{listed(instead_of)} loaded",
            listed(strange),
            _gone(instead_of, result),
        )
    lost = frozenset().union(*(side.steady_before for side in sides.each))
    for path in sorted(lost - sides.ever_after - told)[:SHOWN]:
        yield Deviation(
            "library",
            Weight.WARNING,
            listed([side.where for side in sides.each if path in side.steady_before], 3),
            f"{path} loaded",
            _NOWHERE,
            _gone((path,), result),
        )
    new = frozenset().union(*(side.steady_after for side in sides.each))
    for path in sorted(new - sides.ever_before - told)[:SHOWN]:
        yield Deviation(
            "library",
            Weight.WARNING,
            listed([side.where for side in sides.each if path in side.steady_after], 3),
            _NOWHERE,
            f"{path} loaded",
        )


def with_other_libraries(
    shared: Sequence[Pair], original: Rootfs, result: Rootfs
) -> frozenset[str]:
    """Return the containers that loaded a library which none of the other image's did.

    Only libraries that the new image still has count: their further runs show whether it is chance.
    """
    sides = _sides(shared, original)
    return frozenset(
        side.where
        for side in sides.each
        if any(path in result for path in side.steady_before - sides.ever_after)
        or side.steady_after - sides.ever_before
    )


def _sides(shared: Sequence[Pair], original: Rootfs) -> _Sides:
    each = tuple(_loaded_by(pair, original) for pair in shared)
    return _Sides(
        each,
        frozenset().union(*(side.ever_before for side in each)),
        frozenset().union(*(side.ever_after for side in each)),
    )


def _loaded_by(pair: Pair, original: Rootfs) -> _Loaded:
    before = [loaded(run.before.trace, original) for run in pair.runs]
    after = [loaded(run.after.trace, original) for run in pair.runs]
    both = (
        frozenset.intersection(*before),
        frozenset().union(*before),
        frozenset.intersection(*after),
        frozenset().union(*after),
    )
    return _Loaded(pair.where, *both)


def _swaps(
    where: str,
    before: Collection[ImagePath],
    strange: Collection[ImagePath],
    after: Collection[ImagePath],
) -> Iterator[tuple[str, list[ImagePath], list[ImagePath]]]:
    """Yield by family the libraries that a container no longer loads and their replacements."""
    lost = _by_family(path for path in before if path not in after)
    for key, paths in sorted(_by_family(strange).items()):
        if key in lost:
            yield where, lost[key], paths


def _by_family(paths: Iterable[ImagePath]) -> dict[str, list[ImagePath]]:
    out: dict[str, list[ImagePath]] = {}
    for path in sorted(paths):
        out.setdefault(family(path) or path, []).append(path)
    return out


def _gone(paths: Iterable[ImagePath], result: Rootfs) -> tuple[ImagePath, ...]:
    return tuple(path for path in paths if path not in result)[:5]
