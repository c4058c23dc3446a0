"""Both sides of a contract, and how a difference is judged."""

from dataclasses import dataclass

from careen.model.catalog.contract import ContractRow, Kept
from careen.model.catalog.entry import User, Variant
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

    @property
    def is_musl(self) -> bool:
        """Whether the C library is musl, by its loader."""
        top = self.rootfs.find("/lib")
        paths = () if top is None else self.rootfs.children(top.path)
        return any(path.rpartition("/")[2].startswith("ld-musl-") for path in paths)

    def text(self, path: str) -> str | None:
        """Return a small text file as `data` does; other bytes than UTF-8 are replaced."""
        data = self.data(path)
        return None if data is None else data.decode("utf-8", "replace")

    def data(self, path: str) -> bytes | None:
        """Return a small file, followed through links; None if there is none. May raise
        ImageError for one that is too large.
        """
        entry = self.rootfs.find(path)
        if entry is None or not entry.is_file:
            return None
        return self.rootfs.read(entry.path, MAX_TEXT)


@dataclass(frozen=True, slots=True)
class Pair:
    """The upstream image, ours, the variant that ours is, and what it may add: accounts, and
    variables with their values.
    """

    upstream: Side
    ours: Side
    variant: Variant
    users: tuple[User, ...] = ()
    variables: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_runtime(self) -> bool:
        return self.variant.is_cut


def row(item: str, what: str, upstream: str, ours: str, expected: str = "") -> ContractRow:
    """Return the row of two values; `expected` is the reason why they may differ, "" for none."""
    if upstream == ours:
        return ContractRow(item, what, Kept.SAME, _short(upstream), _short(ours))
    kept = Kept.DIFFERS if expected else Kept.BROKEN
    reason = expected or "ours must be as upstream"
    return ContractRow(item, what, kept, _short(upstream), _short(ours), reason)


def lost(item: str, what: str, upstream: str, ours: str, reason: str) -> ContractRow:
    """Return the row of what a `runtime` must not have; `ours` is "missing" if it has none."""
    if ours == "missing":
        return row(item, what, upstream, ours, reason)
    said = "a runtime must not have it"
    return ContractRow(item, what, Kept.BROKEN, _short(upstream), _short(ours), said)


def unknown(item: str, what: str, reason: str) -> ContractRow:
    """Return the row of what could not be compared."""
    return ContractRow(item, what, Kept.UNKNOWN, reason=reason)


def not_applicable(item: str, what: str, reason: str) -> ContractRow:
    """Return the row of what images of this kind do not have."""
    return ContractRow(item, what, Kept.NOT_APPLICABLE, reason=reason)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
