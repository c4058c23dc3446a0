"""Variables for one command in a container, passed in a private file.

A value may be a password. On the command line every user of the machine could read it. In the
client's own environment some names have a meaning (`HTTPS_PROXY`, `HOME`).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from careen.errors import InputError

_LONGEST = 60_000  # bytes; somewhat less than the longest line that docker's client accepts


@contextmanager
def environment_file(
    variables: Mapping[str, str],
) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Yield the client's options and the descriptors to inherit; both empty without variables.

    Raises InputError for what docker's file cannot hold: an empty or odd name, a line break, text
    that is not UTF-8. The message never holds a value.
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
    """Return a variable's line in a file for the client.

    Raises InputError, without the value, if the file cannot hold it.
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
    msg = f"the variable {name!r} {trouble}: it cannot be given to a command in a container"
    raise InputError(msg)
