"""Names of variables without a value in a project's example of its environment."""

import re
from pathlib import Path

from careen.tools.read_file import read_file

FILES = (".env.example", ".env.sample", ".env.template", ".env.dist")
LIMIT = 64 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")


def unset_names(directory: Path) -> tuple[str, ...]:
    """Return the names that the first such file lists without a value. Raises ConfigError."""
    path = next((directory / name for name in FILES if (directory / name).is_file()), None)
    if path is None:
        return ()
    lines = read_file(path, LIMIT).decode("utf-8", "replace").splitlines()
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines)
    return tuple(
        dict.fromkeys(
            name.strip()
            for name, equals, value in pairs
            if equals and _NAME.match(name.strip()) and _is_empty(value.partition("#")[0].strip())
        )
    )


def _is_empty(value: str) -> bool:
    return value in ("", '""', "''")
