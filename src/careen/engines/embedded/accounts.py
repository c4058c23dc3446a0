"""The user of a container: `--user` or the image's USER, from the image's account files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from careen.errors import InputError
from careen.oci.tree.rootfs import Rootfs

LIMIT = 4 * 1024 * 1024
_MAX_ID = 2**31 - 1
_MAX_DIGITS = 20  # int() refuses thousands of digits
_PASSWD_FIELDS = 6
_GROUP_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Accounts:
    """The text of the image's /etc/passwd and /etc/group, empty if there is no such file."""

    passwd: str
    group: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Numeric ids of a user.

    `groups` begins with the primary group, in the form that docker passes to the runtime. `home` is
    "/" for a user without an entry, and `login` then empty.
    """

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str
    login: str = ""


def read_accounts(rootfs: Rootfs) -> Accounts:
    """Read both files, at most 4 MiB each, following links inside the root.

    Raises ImageError if a file is larger.
    """

    def text(path: str) -> str:
        entry = rootfs.find(path)
        return (
            rootfs.read(entry.path, LIMIT).decode("utf-8", "surrogateescape")
            if entry is not None and entry.is_file
            else ""
        )

    return Accounts(text("/etc/passwd"), text("/etc/group"))


def _rows(text: str, fields: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        row = line.strip().split(":")
        if len(row) >= fields and _number(row[2]) is not None:
            yield row


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def _in_range(number: int, asked: str) -> int:
    if number > _MAX_ID:
        msg = f"user {asked!r}: {number} is no user or group id (0 to {_MAX_ID})"
        raise InputError(msg)
    return number


def identify(accounts: Accounts, asked: str) -> Identity:
    """Resolve `name|uid[:group|gid]`; "" is root.

    A number needs no entry. Raises InputError for a name without an entry or an id out of range.
    """
    user, _, group = asked.partition(":")
    number = _number(user or "0")
    uid, gid, login, home = number or 0, 0, "", "/"
    match: Callable[[list[str]], bool] = (
        (lambda row: row[0] == user)
        if number is None
        else (lambda row: row[0] == user or int(row[2]) == number)
    )
    found = next((row for row in _rows(accounts.passwd, _PASSWD_FIELDS) if match(row)), None)
    if found is not None:
        login, uid, home = found[0], int(found[2]), found[5] or "/"
        gid = _number(found[3]) or 0
    elif number is None:
        msg = (
            f"user {asked!r}: the image's /etc/passwd has no {user!r}; give a number, or a name"
            " that it has"
        )
        raise InputError(msg)
    others: tuple[int, ...] = ()
    if group:
        gid = _group(accounts, group, asked)
    elif login:
        others = tuple(
            int(row[2])
            for row in _rows(accounts.group, _GROUP_FIELDS)
            if len(row) > _GROUP_FIELDS and login in row[3].split(",")
        )
    for each in (uid, gid, *others):
        _in_range(each, asked)
    return Identity(uid, gid, tuple(dict.fromkeys((gid, *others))), home, login)


def _group(accounts: Accounts, group: str, asked: str) -> int:
    number = _number(group)
    for row in _rows(accounts.group, _GROUP_FIELDS):
        if row[0] == group or (number is not None and int(row[2]) == number):
            return int(row[2])
    if number is None:
        msg = (
            f"user {asked!r}: the image's /etc/group has no {group!r}; give a number, or a name"
            " that it has"
        )
        raise InputError(msg)
    return number
