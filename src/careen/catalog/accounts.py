"""Accounts that an entry adds to /etc/passwd and /etc/group."""

from collections.abc import Sequence

from careen.errors import InputError
from careen.model.catalog.entry import User

_NO_LOGIN = "/usr/sbin/nologin"
_LOGIN = "/bin/bash"  # as upstream's accounts have it, also where there is no shell


def login_shell(user: User) -> str:
    """Return the shell of an account in /etc/passwd."""
    return _LOGIN if user.upstream else _NO_LOGIN


def with_users(passwd: bytes, group: bytes, users: Sequence[User]) -> tuple[bytes, bytes]:
    """Return both files with the accounts at their ends.

    Raises InputError for a name or number that is taken.
    """
    names, numbers = _taken(passwd, group)
    for user in users:
        if user.name.encode() in names or str(user.uid).encode() in numbers:
            msg = f"account {user.name} ({user.uid}) of the catalog is in the root already"
            raise InputError(msg)
        row = (user.name, "x", user.uid, user.uid, user.name, user.home, login_shell(user))
        passwd = _ended(passwd) + f"{':'.join(map(str, row))}\n".encode()
        group = _ended(group) + f"{user.name}:x:{user.uid}:\n".encode()
    return passwd, group


def _taken(passwd: bytes, group: bytes) -> tuple[set[bytes], set[bytes]]:
    rows = [line.split(b":") for text in (passwd, group) for line in text.splitlines()]
    return {row[0] for row in rows}, {row[2] for row in rows if len(row) > 2}  # noqa: PLR2004


def _ended(text: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + b"\n"
