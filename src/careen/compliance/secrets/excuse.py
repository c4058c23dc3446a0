"""Which suspected secrets do not count: those that a distribution published, and exceptions."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from careen.compliance.secrets.owner import SHIPPED, SYSTEM, delivered, owner_of
from careen.model.compliance.secrets import ExcusedSecret, SecretException, SuspectedSecret
from careen.model.packages.file_digest import FileDigest
from careen.model.packages.package import Inventory
from careen.oci.tree.rootfs import Rootfs

PACKAGE = "its package"
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
    secrets: Mapping[SuspectedSecret, str], excuses: Excuses, rootfs: Rootfs
) -> tuple[tuple[SuspectedSecret, ...], tuple[ExcusedSecret, ...], tuple[str, ...]]:
    """Divide `secrets` (with the reasons of `known`) into those that count and those that do not.

    A file of a distribution's package is public if its content has the digest that the package
    database states: its text is no secret of this image. An ended entry excuses nothing, and is
    named.
    """
    counted: list[SuspectedSecret] = []
    excused: list[ExcusedSecret] = []
    expired: dict[str, str] = {}
    same = delivered({each.where for each in _in_tree(secrets)}, excuses.recorded, rootfs)
    for bare, why in secrets.items():
        package = owner_of(bare, excuses.inventory, same)
        secret = replace(bare, package="" if package is None else package.purl)
        entry = next((each for each in excuses.entries if _names(each, secret)), None)
        if entry is not None and entry.end and entry.end < excuses.today:
            expired[entry.place] = f"{entry.place}: ended on {entry.end}; review it"
            entry = None
        if entry is not None:
            excused.append(ExcusedSecret(secret, entry.place, entry.reason))
        elif why:
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


def known(secret: SuspectedSecret, text: bytes) -> str:
    """Return why the line of a text is no secret, "" if it is not known."""
    return KNOWN.get((secret.kind, text.strip()), "") if secret.line else ""
