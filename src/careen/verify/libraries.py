"""Which shared libraries were loaded: the same ones, in the same versions, from the same places."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from careen.model.behaviour import Deviation, Weight
from careen.model.paths import ImagePath, name
from careen.model.trace import Trace, Use
from careen.oci.rootfs import Rootfs
from careen.verify.sides import Pair
from careen.verify.words import listed

SHOWN = 50
_HASH = re.compile(r"[-.][0-9a-f]{8}(?=\.|\Z)")  # as `auditwheel` puts it into the names of what it vendors


def family(path: str) -> str | None:
    """Return what a library is called whatever its version: `libssl` of `libssl.so.3`, `libgfortran` of `libgfortran-040039e1.so.5.0.0`, `_ssl` of
    `_ssl.cpython-311-x86_64-linux-gnu.so`; None if the path is no library's.
    """
    stem, dot, version = name(ImagePath(path))[:255].partition(".so")
    if not dot or not stem or (version and not version.startswith(".")):
        return None
    stem = _HASH.sub("", stem.partition(".cpython-")[0].removesuffix(".abi3"))
    return stem.rstrip("0123456789.").rstrip("-_") or stem


def loaded(trace: Trace | None, original: Rootfs) -> frozenset[ImagePath]:
    """Return the libraries of the original image that a container mapped; what a program wrote and then loaded is its own."""
    if trace is None:
        return frozenset()
    paths = (touch.resolved for touch in trace.touches if touch.use is Use.MAPPED and touch.errno == 0 and touch.on_image is not False and touch.resolved)
    return frozenset(ImagePath(path) for path in paths if family(path) is not None and ImagePath(path) in original)


def compare_libraries(shared: Sequence[Pair], original: Rootfs, result: Rootfs) -> Iterator[Deviation]:
    """Yield a failure where a container loaded another file of a family *instead* of what it loads on the original, one that no container of the original
    loaded; and warnings for libraries that no container of one side loaded at all, which may be a silent fallback.

    `shared` is what ran on both images: of libraries whose loading depends on timing, one of the containers loads them.
    """
    sides = [(pair.where, loaded(pair.before.trace, original), loaded(pair.after.trace, original)) for pair in shared]
    ever_before: frozenset[ImagePath] = frozenset().union(*(before for _, before, _ in sides))
    ever_after: frozenset[ImagePath] = frozenset().union(*(after for _, _, after in sides))
    swaps = [swap for where, before, after in sides for swap in _swaps(where, before, after - ever_before, after)]
    told: set[ImagePath] = set()
    for where, instead_of, strange in swaps[:SHOWN]:
        told |= {*instead_of, *strange}
        yield Deviation("library", Weight.FAILURE, where, f"{listed(instead_of)} loaded", listed(strange), _gone(instead_of, result))
    where = listed([pair.where for pair in shared], 3)
    for path in sorted(ever_before - ever_after - told)[:SHOWN]:
        yield Deviation("library", Weight.WARNING, where, f"{path} loaded", "not loaded by any of them", _gone((path,), result))
    for path in sorted(ever_after - ever_before - told)[:SHOWN]:
        yield Deviation("library", Weight.WARNING, where, "not loaded by any of them", f"{path} loaded")


def _swaps(
    where: str, before: Collection[ImagePath], strange: Collection[ImagePath], after: Collection[ImagePath]
) -> Iterator[tuple[str, list[ImagePath], list[ImagePath]]]:
    """Yield by family what a container loaded before and does not load any more, and what it loads in its stead."""
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
