"""The account files of an image, line by line, as the C library reads them."""

from collections.abc import Iterator
from dataclasses import dataclass

from careen.oci.tree.rootfs import Rootfs

LIMIT = 4 << 20  # bytes of one file; a million accounts in an image are an attack
# Fields that a line has at least: glibc reads an account without what follows its gid.
_PASSWD, _SHADOW, _GROUP = 4, 2, 3
_WHOLE = 7  # fields of a line of passwd(5)
_LONGEST, _MEMBERS = 4, 3  # their places
_MAX_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Account:
    """A line of /etc/passwd; `uid` and `gid` are None if they are no numbers."""

    name: str
    password: str
    uid: int | None
    gid: int | None
    home: str
    shell: str


@dataclass(frozen=True, slots=True)
class Shadow:
    """A line of /etc/shadow; `longest` is the greatest age of the password in days, or None."""

    name: str
    password: str
    longest: int | None

    @property
    def usable(self) -> bool:
        """Whether there is a password that somebody can log in with."""
        return bool(self.password) and self.password[0] not in "!*"


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account files; each is None if the image has no such file, or none with entries.

    `members` are the member lists of groups; `broken` are lines with too few fields, those of
    passwd that are read all the same included.
    """

    passwd: tuple[Account, ...] | None
    shadow: tuple[Shadow, ...] | None
    groups: tuple[tuple[str, int | None], ...] | None
    members: tuple[tuple[str, str], ...] = ()
    broken: tuple[tuple[str, int], ...] = ()


def read_accounts(rootfs: Rootfs) -> Accounts:
    """Read the files, at most 4 MiB each, following links inside the root. Raises ImageError."""
    broken: list[tuple[str, int]] = []

    def rows(path: str, fields: int) -> tuple[list[str], ...] | None:
        entry = rootfs.find(path)
        if entry is None or not entry.is_file:
            return None
        text = rootfs.read(entry.path, LIMIT).decode("utf-8", "replace")
        return tuple(_rows(text, fields, path, broken))

    passwd, shadow = rows("/etc/passwd", _PASSWD), rows("/etc/shadow", _SHADOW)
    group = rows("/etc/group", _GROUP)
    return Accounts(
        tuple(_account(row) for row in passwd or ()) or None,
        tuple(_shadow(row) for row in shadow or ()) or None,
        tuple((row[0], number(row[2])) for row in group or ()) or None,
        tuple((row[0], row[_MEMBERS]) for row in group or () if len(row) > _MEMBERS),
        tuple(broken),
    )


def _rows(text: str, fields: int, path: str, broken: list[tuple[str, int]]) -> Iterator[list[str]]:
    for at, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        row = line.split(":")
        if len(row) < (_WHOLE if fields == _PASSWD else fields):
            broken.append((path, at))
        if len(row) >= fields:
            yield row


def _account(row: list[str]) -> Account:
    row = [*row, *[""] * (_WHOLE - len(row))]
    return Account(row[0], row[1], number(row[2]), number(row[3]), row[5], row[6].strip())


def _shadow(row: list[str]) -> Shadow:
    return Shadow(row[0], row[1], number(row[_LONGEST]) if len(row) > _LONGEST else None)


def number(text: str) -> int | None:
    """Return a decimal number of at most ten digits, or None.

    A sign, blanks before it and leading zeros are read as the C library reads them: +0 is 0.
    """
    plain = text.lstrip(" \t")
    sign = plain[:1] if plain[:1] in {"+", "-"} else ""
    digits = plain[len(sign) :]
    if not (digits.isascii() and digits.isdigit()):
        return None
    digits = digits.lstrip("0") or "0"
    # A negative number wraps to a large one: no id that anything here can compare.
    return int(digits) if len(digits) <= _MAX_DIGITS and (sign != "-" or digits == "0") else None
