"""Reader of the `--keep-from` file: one glob per line, `#` starts a comment."""

from pathlib import Path

from careen.errors import ConfigError
from careen.plan.core.globs import glob_problem
from careen.tools.read_file import read_file

MAX_KEEP_FILE = 1 << 20


def read_keep_from(path: Path) -> tuple[str, ...]:
    """Return the globs of a keep file in order.

    Raises ConfigError with file and line for a bad glob, and for a file over 1 MiB.
    """
    data = read_file(path, MAX_KEEP_FILE)
    globs: list[str] = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        glob = _without_comment(line)
        if not glob:
            continue
        if problem := glob_problem(glob):
            msg = f"{path}:{number}: {problem}: {glob!r}"
            raise ConfigError(msg)
        globs.append(glob)
    return tuple(globs)


def _without_comment(line: str) -> str:
    """Return a line without its comment and outer white space.

    `#` starts a comment at the start of a line or after white space; elsewhere it belongs to the
    name.
    """
    if line.lstrip().startswith("#"):
        return ""
    for mark in (" #", "\t#"):
        line = line.partition(mark)[0]
    return line.strip()
