"""Packages that are kept, of which no workload used a file, or not all: what is imported somewhere
and never executed.
"""

from collections import Counter
from collections.abc import Set as AbstractSet

from careen.adequacy.chains import Sizes
from careen.model.adequacy import Unexercised
from careen.model.paths import ImagePath
from careen.model.plan import Plan

MAX_PACKAGES = 100
_LIBRARIES = (
    "pkg:pypi/",
    "pkg:npm/",
    "pkg:conda/",
)  # what a program imports; a distribution's packages are data and commands as well


def unexercised(plan: Plan, run: AbstractSet[ImagePath], sizes: Sizes) -> tuple[Unexercised, ...]:
    """Return, of the libraries of Python and Node, what the plan keeps though no workload read it:
    whole packages first, then by bytes.
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
    found = (Unexercised(purl, files[purl], total[purl], purl not in touched) for purl in files)
    return tuple(
        sorted(found, key=lambda item: (not item.whole, -item.bytes, item.purl))[:MAX_PACKAGES]
    )
