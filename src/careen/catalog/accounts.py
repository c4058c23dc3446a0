"""Accounts that an entry adds to /etc/passwd and /etc/group."""

from collections.abc import Sequence

from careen.errors import InputError
from careen.model.catalog.entry import User

_SHOWN = 60
_NO_LOGIN = "/usr/sbin/nologin"
_LOGIN = "/bin/bash"  # as upstream's accounts have it, also where there is no shell


def login_shell(user: User) -> str:
    """Return the shell of an account in /etc/passwd."""
    return _LOGIN if user.upstream else _NO_LOGIN


def with_users(passwd: bytes, group: bytes, users: Sequence[User]) -> tuple[bytes, bytes]:
    """Return both files with the accounts at their ends.

    Raises InputError for a name or number that is taken.
    """
    for user in users:
        for file, text in (("/etc/passwd", passwd), ("/etc/group", group)):
            if other := _taken(user, text):
                msg = (
                    f"account {user.name} ({user.uid}) of the catalog: {file} of the root has"
                    f" {other} already; give the entry's account another name and number"
                )
                raise InputError(msg)
    for user in users:
        row = (user.name, "x", user.uid, user.uid, user.name, user.home, login_shell(user))
        passwd = _ended(passwd) + f"{':'.join(map(str, row))}\n".encode()
        group = _ended(group) + f"{user.name}:x:{user.uid}:\n".encode()
    return passwd, group


def _taken(user: User, text: bytes) -> str:
    """Return the line with the name or number of a user, as "name (number)"; "" without one."""
    name, number = user.name.encode(), str(user.uid).encode()
    for line in text.splitlines():
        row = line.split(b":")
        if row[0] == name or row[2:3] == [number]:
            said = [part.decode("utf-8", "replace")[:_SHOWN] for part in (row[0], *row[2:3])]
            return f"{said[0]} ({said[1]})" if said[1:] else said[0]
    return ""


def _ended(text: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + b"\n"
