"""Which suspected secrets do not count: those that a distribution published, and exceptions."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from careen.model.compliance.secrets import ExcusedSecret, SecretException, SuspectedSecret
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath

_PUBLISHED = {Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM}
# Below these a distribution installs programs and data; configuration elsewhere is the image's own.
_SHIPPED = ("/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/")
PACKAGE = "its package"
KNOWN = (
    SecretException(
        "generic-api-key",
        "*/lib/python3*/*distutils/*msvccompiler*",
        "names of keys of the Windows registry in Python's own library",
        "careen",
    ),
)
"""Places that look like secrets in many images, and are none."""


@dataclass(frozen=True, slots=True)
class Excuses:
    """What a suspected secret is compared with: the packages, the user's entries, and the day."""

    inventory: Inventory
    entries: Sequence[SecretException] = ()
    today: str = dt.date.max.isoformat()


def excuse(
    secrets: Iterable[SuspectedSecret], excuses: Excuses
) -> tuple[tuple[SuspectedSecret, ...], tuple[ExcusedSecret, ...], tuple[str, ...]]:
    """Divide into those that count and those that do not; name entries that have ended.

    A file that a package of a distribution installed is public: its text is no secret of this
    image. An ended entry excuses nothing.
    """
    counted: list[SuspectedSecret] = []
    excused: list[ExcusedSecret] = []
    expired: dict[str, str] = {}
    for bare in secrets:
        secret = replace(bare, package=_package(bare, excuses.inventory))
        entry = next((each for each in (*excuses.entries, *KNOWN) if _names(each, secret)), None)
        if entry is not None and entry.end and entry.end < excuses.today:
            expired[entry.place] = f"{entry.place}: ended on {entry.end}; review it"
            entry = None
        if entry is not None:
            excused.append(ExcusedSecret(secret, entry.place, entry.reason))
        elif _is_published(secret, excuses.inventory):
            reason = f"the file is as {secret.package} publishes it"
            excused.append(ExcusedSecret(secret, PACKAGE, reason))
        else:
            counted.append(secret)
    return tuple(counted), tuple(excused), tuple(expired.values())


def _names(entry: SecretException, secret: SuspectedSecret) -> bool:
    return fnmatchcase(secret.kind, entry.kind) and fnmatchcase(secret.where, entry.where)


def _package(secret: SuspectedSecret, inventory: Inventory) -> str:
    if secret.layer < 0 or secret.deleted:
        return ""
    owners = inventory.owners.get(ImagePath(secret.where), ())
    return owners[0] if owners else ""


def _is_published(secret: SuspectedSecret, inventory: Inventory) -> bool:
    package = inventory.packages.get(secret.package)
    return (
        package is not None
        and package.ecosystem in _PUBLISHED
        and secret.where.startswith(_SHIPPED)
    )
