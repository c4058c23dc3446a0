"""Which suspected secrets do not count: those that a distribution published, and exceptions."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from careen.compliance.secrets.owner import SHIPPED, SYSTEM, delivered, owner_of
from careen.errors import ImageError
from careen.model.compliance.secrets import ExcusedSecret, SecretException, SuspectedSecret
from careen.model.packages.file_digest import FileDigest
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

PACKAGE = "its package"
_LIMIT = 1 << 20  # bytes of a file whose line is compared
KNOWN = {
    ("generic-api-key", b"RegEnumKey = win32api.RegEnumKey"): (
        "a name of the Windows registry in Python's own library"
    )
}
"""Lines that look like secrets in many images, and are none: by kind and text."""


@dataclass(frozen=True, slots=True)
class Excuses:
    """What a suspected secret is compared with: the packages, the user's entries, and the day.

    `recorded` yields the digests that package databases of the image state.
    """

    inventory: Inventory
    entries: Sequence[SecretException] = ()
    today: str = dt.date.max.isoformat()
    recorded: Callable[[], Iterable[FileDigest]] = tuple


def excuse(
    secrets: Sequence[SuspectedSecret], excuses: Excuses, rootfs: Rootfs
) -> tuple[tuple[SuspectedSecret, ...], tuple[ExcusedSecret, ...], tuple[str, ...]]:
    """Divide into those that count and those that do not; name entries that have ended.

    A file of a distribution's package is public if its content has the digest that the package
    database states: its text is no secret of this image. An ended entry excuses nothing.
    """
    counted: list[SuspectedSecret] = []
    excused: list[ExcusedSecret] = []
    expired: dict[str, str] = {}
    same = delivered({each.where for each in _in_tree(secrets)}, excuses.recorded, rootfs)
    for bare in secrets:
        package = owner_of(bare, excuses.inventory, same)
        secret = replace(bare, package="" if package is None else package.purl)
        entry = next((each for each in excuses.entries if _names(each, secret)), None)
        if entry is not None and entry.end and entry.end < excuses.today:
            expired[entry.place] = f"{entry.place}: ended on {entry.end}; review it"
            entry = None
        if entry is not None:
            excused.append(ExcusedSecret(secret, entry.place, entry.reason))
        elif why := _known(secret, rootfs):
            excused.append(ExcusedSecret(secret, "careen", why))
        elif (
            package is not None
            and package.ecosystem in SYSTEM
            and same.get(secret.where)
            and secret.where.startswith(SHIPPED)
        ):
            reason = f"the file has the digest that the package database states for {package.purl}"
            excused.append(ExcusedSecret(secret, PACKAGE, reason))
        else:
            counted.append(secret)
    return tuple(counted), tuple(excused), tuple(expired.values())


def _in_tree(secrets: Iterable[SuspectedSecret]) -> Iterator[SuspectedSecret]:
    return (each for each in secrets if each.layer >= 0 and not each.deleted)


def _names(entry: SecretException, secret: SuspectedSecret) -> bool:
    return fnmatchcase(secret.kind, entry.kind) and fnmatchcase(secret.where, entry.where)


def _known(secret: SuspectedSecret, rootfs: Rootfs) -> str:
    """Return why a line is no secret, "" if it is not known."""
    kinds = {kind for kind, _ in KNOWN}
    if secret.kind not in kinds or not secret.line or not [*_in_tree((secret,))]:
        return ""
    try:
        lines = rootfs.read(ImagePath(secret.where), _LIMIT).split(b"\n", secret.line)
    except ImageError:
        return ""
    text = lines[secret.line - 1].strip() if len(lines) >= secret.line else b""
    return KNOWN.get((secret.kind, text), "")
