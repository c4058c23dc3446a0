"""Both sides of a contract, and how a difference is judged."""

from dataclasses import dataclass

from careen.model.catalog.contract import ContractRow, Kept
from careen.model.catalog.entry import Variant
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.oci.tree.rootfs import Rootfs

_SHOWN = 120
MAX_TEXT = 4 << 20


@dataclass(frozen=True, slots=True)
class Side:
    """One image: its files, packages and configuration."""

    rootfs: Rootfs
    inventory: Inventory
    config: ImageConfig

    def text(self, path: str) -> str | None:
        """Return a small text file, followed through links; None if there is none. May raise
        ImageError for one that is too large.
        """
        entry = self.rootfs.find(path)
        if entry is None or not entry.is_file:
            return None
        return self.rootfs.read(entry.path, MAX_TEXT).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Pair:
    """The upstream image, ours, and the variant that ours is."""

    upstream: Side
    ours: Side
    variant: Variant

    @property
    def is_runtime(self) -> bool:
        return self.variant is Variant.RUNTIME


def row(item: str, what: str, upstream: str, ours: str, expected: str = "") -> ContractRow:
    """Return the row of two values; `expected` is the reason why they may differ, "" for none."""
    if upstream == ours:
        return ContractRow(item, what, Kept.SAME, _short(upstream), _short(ours))
    kept = Kept.DIFFERS if expected else Kept.BROKEN
    reason = expected or "ours must be as upstream"
    return ContractRow(item, what, kept, _short(upstream), _short(ours), reason)


def unknown(item: str, what: str, reason: str) -> ContractRow:
    """Return the row of what could not be compared."""
    return ContractRow(item, what, Kept.UNKNOWN, reason=reason)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
