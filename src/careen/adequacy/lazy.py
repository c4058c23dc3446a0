"""Kept library packages with files that no workload used."""

from collections import Counter
from collections.abc import Set as AbstractSet

from careen.adequacy.chains import Sizes
from careen.model.adequacy import UnexercisedPackage
from careen.model.paths import ImagePath
from careen.model.plan import Plan

MAX_PACKAGES = 100
_LIBRARIES = (
    "pkg:pypi/",
    "pkg:npm/",
    "pkg:conda/",
)  # packages that a program imports; distributions' packages also have data and commands


def unexercised(
    plan: Plan, run: AbstractSet[ImagePath], sizes: Sizes
) -> tuple[UnexercisedPackage, ...]:
    """Return the kept Python, Node and conda packages with files that no workload read.

    Packages without any use come first, then by bytes.
    """
    files: Counter[str] = Counter()
    total: Counter[str] = Counter()
    touched: set[str] = set()
    for path in plan.keep:
        owners = [purl for purl in sizes.owners.get(path, ()) if purl.startswith(_LIBRARIES)]
        if path in run:
            touched.update(owners)
        elif path in sizes.bytes:
            for purl in owners:
                files[purl] += 1
                total[purl] += sizes.bytes[path]
    found = (
        UnexercisedPackage(purl, files[purl], total[purl], purl not in touched) for purl in files
    )
    return tuple(
        sorted(found, key=lambda item: (not item.whole, -item.bytes, item.purl))[:MAX_PACKAGES]
    )
