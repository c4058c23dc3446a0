"""Variables for one command in a docker container, in a file that only docker's client can read: a
value may be a password.

On the command line everybody on the machine would see them, and in the client's own environment
they would mean something to it (`HTTPS_PROXY`, `HOME`).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from careen.errors import InputError

_LONGEST = 60_000  # bytes of a line that docker's client takes, with room to spare


@contextmanager
def environment_file(
    variables: Mapping[str, str],
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Yield the client's words for the variables, and the descriptors that it must inherit; both
    empty without variables.

    Raises InputError, which never says a value, for what docker's file of variables cannot hold: an
    empty or odd name, a line break, text that is not UTF-8.
    """
    if not variables:
        yield (), ()
        return
    lines = b"".join(file_line(name, value) for name, value in variables.items())
    descriptor = os.memfd_create("careen-environment", os.MFD_CLOEXEC)
    try:
        while lines:
            lines = lines[os.write(descriptor, lines) :]
        yield ("--env-file", f"/proc/self/fd/{descriptor}"), (descriptor,)
    finally:
        os.close(descriptor)


def file_line(name: str, value: str) -> bytes:
    """Return the variable's line of a file for docker's client. Raises InputError, which says no
    value, for one that such a file cannot hold.
    """
    trouble = ""
    if (
        not name
        or name.startswith("#")
        or "=" in name
        or any(char.isspace() or not char.isprintable() for char in name)
    ):
        trouble = "is no name of a variable"
    elif any(char in value for char in "\n\r\0"):
        trouble = "has a line break or a NUL byte in its value"
    else:
        try:
            line = f"{name}={value}\n".encode()
        except UnicodeEncodeError:
            trouble = "has a value that is not text"
        else:
            if len(line) <= _LONGEST:
                return line
            trouble = f"has a value of more than {_LONGEST} bytes"
    msg = f"the variable {name!r} {trouble}: it cannot be given to a command in a docker container"
    raise InputError(msg)
