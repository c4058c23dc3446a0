"""What an image needs to run as another user: owners, readable files, home, caches, an account."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from careen.errors import InputError
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Presence
from careen.model.paths import ImagePath, ancestors, image_path
from careen.model.rbom import UsedFile
from careen.model.rewriting.other_user import OPENED, OtherUser, OwnedPath
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.policy.access import may
from careen.policy.capabilities import access_of
from careen.policy.subject import Subject
from careen.policy.tables import cache_rules
from careen.policy.writable import TEMPORARY, writes_of

NEW_HOME = ImagePath("/home/app")
ACCOUNT = "app"
SECRET = re.compile(
    r"/etc/(g?shadow-?|sudoers|ssl/private/.*|sudoers\.d/.*)"
    r"|/etc/ssh/ssh_host_.*|(.*/)?\.(ssh|aws|gnupg|kube|docker|config/gcloud)/.*"
    r"|.*\.key|(.*/)?(id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pgpass|\.git-credentials)"
    r"|(/var)?/run/secrets/.*"
)
"""Secrets; what only their owner may read stays so."""

_Cache = tuple[str, ImagePath, str]  # the variable that places it, the place, and why it is there
_LIMIT = 4 << 20  # of an account file
_SEARCH, _READ_SEARCH = 0o1, 0o5
_PLAIN, _OWN = 0o755, 0o700
_SET_ID = 0o6000
_CONTENT = frozenset({Use.EXECUTED, Use.MAPPED, Use.OPENED})


def changes_for(subject: Subject, old_home: str) -> OtherUser:
    """Return the changes for the subject's user; `old_home` is that of the image's own user.

    Raises InputError for root.
    """
    user = subject.user
    if user.uid == 0:
        msg = "--user: the new image is for a user other than root; give a UID from 1 on"
        raise InputError(msg)
    home = _home(subject, old_home)
    caches = tuple(_caches(subject, home, old_home))
    places = dict(_places(home, caches))
    environment = {"HOME": str(home)} | {
        variable: str(place) for variable, place, _ in caches if variable not in subject.config.env
    }
    owned: dict[ImagePath, OwnedPath] = {}
    for path, reason in places.items():
        entry = subject.rootfs.get(path)
        mode = entry.mode | _OWN if entry is not None else _PLAIN
        owned[path] = OwnedPath(path, user.uid, user.gid, mode, reason)
    for each in (*_written(subject), *_accounts(subject, home)):
        owned.setdefault(each.path, each)
    left: list[str] = []
    for each in _readable(subject, left):
        owned.setdefault(each.path, each)
    writable = dict(_without_used_content(subject, places))
    return OtherUser(
        user.uid,
        user.gid,
        tuple(owned[path] for path in sorted(owned)),
        environment,
        writable,
        tuple(left),
    )


def _home(subject: Subject, old_home: str) -> ImagePath:
    """Return the account's home, else the old one if the workload reads files there, else a new."""
    if subject.user.home != "/":
        return resolved(subject.rootfs, subject.user.home) or NEW_HOME
    old = resolved(subject.rootfs, old_home)
    if old is not None and old != "/" and _used_below(subject, old):
        return old
    return NEW_HOME


def resolved(rootfs: Rootfs, text: str) -> ImagePath | None:
    """Return a path after following the links of what exists of it, or None if it leads nowhere."""
    path = image_path(posixpath.normpath(f"/{text}"), "home or cache")
    missing: list[str] = []
    while path not in rootfs and path != "/":
        above, _, last = path.rpartition("/")
        missing.append(last)
        path = ImagePath(above or "/")
    entry = rootfs.find(path)
    if entry is None or not entry.is_dir:
        return None
    base = "" if entry.path == "/" else entry.path
    return ImagePath("/".join((base, *reversed(missing))) or "/")


def _used_below(subject: Subject, directory: ImagePath) -> bool:
    return any(
        file.path.startswith(f"{directory}/")
        for file in subject.bom.files
        if any(use.use in _CONTENT for use in file.uses)
    )


def _caches(subject: Subject, home: ImagePath, old_home: str) -> Iterator[_Cache]:
    """Yield variable, place and reason of each cache of a package that the image has."""
    present = {
        package.name.lower().replace("_", "-")
        for package in subject.inventory.packages.values()
        if package.ecosystem in (Ecosystem.PYPI, Ecosystem.CONDA)
        and package.presence is Presence.INSTALLED
    }
    for rule in cache_rules():
        if rule.package not in present:
            continue
        stated = subject.config.env.get(rule.variable)
        old = resolved(subject.rootfs, stated or f"{old_home}/{rule.place}")
        # What the image brings in a cache (models, for example) is found where it was.
        kept = old is not None and (stated or _used_below(subject, old))
        place = old if kept else ImagePath(f"{home}/{rule.place}")
        if place is not None and place != "/":
            yield rule.variable, place, f"the cache of {rule.package} ({rule.variable})"


def _places(home: ImagePath, caches: Sequence[_Cache]) -> Iterator[tuple[ImagePath, str]]:
    yield home, "the home directory"
    for _, place, reason in caches:
        yield place, reason
        for above in ancestors(place):
            if above.startswith(f"{home}/"):
                yield above, "above a cache"


def _written(subject: Subject) -> Iterator[OwnedPath]:
    """Yield the directories that were written, those below, and written files."""
    user = subject.user
    for each in writes_of(subject).writable:
        top = ImagePath(each.path)
        if top in TEMPORARY:
            continue
        entry = subject.rootfs.get(top)
        inside = [entry, *subject.rootfs.below(top)] if entry is not None else []
        for found in inside:
            if found.is_dir:
                yield OwnedPath(found.path, user.uid, user.gid, found.mode | _OWN, each.reason)
    for file in subject.bom.files:
        entry = subject.rootfs.get(file.path)
        written = any(use.use is Use.WRITTEN for use in file.uses)
        if written and entry is not None and entry.is_file:
            yield OwnedPath(file.path, user.uid, user.gid, entry.mode | 0o600, "was written")


def _readable(subject: Subject, left: list[str]) -> Iterator[OwnedPath]:
    """Yield used files and the directories above them that the user could not read or search."""
    user = subject.user
    for file in subject.bom.files:
        if (wanted := access_of(file) & ~2) == 0:
            continue
        for path in (file.path, *ancestors(file.path)):
            entry = subject.rootfs.get(path)
            need = wanted if path == file.path else _SEARCH
            if entry is None or may(entry, user.uid, user.gid, need):
                continue
            if not entry.is_dir and SECRET.fullmatch(path):
                left.append(f"{path} was read, and stays readable by its owner alone")
                break
            if not entry.is_dir and entry.mode & _SET_ID:
                # A new group, or a right to execute, would hand out what the bit gives.
                left.append(f"{path} has the setuid or setgid bit, and stays as it is")
                break
            yield _opened_to(entry, user.gid, need, file)


def _opened_to(entry: Entry, gid: int, need: int, file: UsedFile) -> OwnedPath:
    bits = (_READ_SEARCH if entry.is_dir else need) << 3
    reason = f"{OPENED} {file.path}"
    return OwnedPath(entry.path, entry.uid, gid, entry.mode | bits, reason)


def _accounts(subject: Subject, home: ImagePath) -> Iterator[OwnedPath]:
    """Yield the account files with a line for the user and group, where they have none."""
    user = subject.user
    lines = (
        ("/etc/passwd", user.uid, f"{ACCOUNT}:x:{user.uid}:{user.gid}::{home}:/sbin/nologin\n"),
        ("/etc/group", user.gid, f"{ACCOUNT}:x:{user.gid}:\n"),
    )
    for text, number, line in lines:
        entry = subject.rootfs.find(text)
        if entry is None or not entry.is_file:
            continue
        data = subject.rootfs.read(entry.path, _LIMIT)
        rows = [row.split(b":") for row in data.splitlines()]
        if any(len(row) > 2 and row[2] == str(number).encode() for row in rows):  # noqa: PLR2004
            continue
        free = _free_name(line, {row[0] for row in rows})
        newline = b"" if not data or data.endswith(b"\n") else b"\n"
        yield OwnedPath(
            entry.path,
            entry.uid,
            entry.gid,
            entry.mode,
            "programs ask for the name of their user",
            data + newline + free,
        )


def _free_name(line: str, taken: set[bytes]) -> bytes:
    """Return the line under a name that no other account has."""
    name, _, rest = line.encode().partition(b":")
    number = 0
    found = name
    while found in taken:
        number += 1
        found = name + str(number).encode()
    return found + b":" + rest


def _without_used_content(
    subject: Subject, places: Mapping[ImagePath, str]
) -> Iterator[tuple[ImagePath, str]]:
    """Yield the places to mount over: those that hold no file which the workload reads."""
    for path, reason in places.items():
        if not _used_below(subject, path) and not _covered(subject, path, places):
            yield path, reason


def _covered(subject: Subject, path: ImagePath, places: Mapping[ImagePath, str]) -> bool:
    """Return whether a place above is mounted over already."""
    return any(
        above in places and not _used_below(subject, above)
        for above in ancestors(path)
        if above != "/"
    )


def with_writable(subject: Subject, changes: OtherUser) -> Subject:
    """Return the subject with the directories that must be writable besides the observed ones."""
    return replace(subject, writable=changes.writable)
