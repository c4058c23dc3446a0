"""The constraints of the user's pip, for the root's Python.

pip reads their markers for the Python that it runs on, which is careen's.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from careen.catalog.wheels.target import Target
from careen.errors import ConfigError
from careen.tools.pip_settings import pip_constraints, pip_files
from careen.tools.read_file import read_file

MAX_FILE = 1 << 20
MAX_NESTED = 8
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_INCLUDED = re.compile(r"(?:-c|--constraint|-r|--requirement)(?:\s+|=)(\S+)")
_OPTIONS = re.compile(r"\s--")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_PLACE = re.compile(r"(?P<option>-f|--find-links)(?:\s+|=)(?P<value>\S+)")


def constraints(target: Target, environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the lines that hold for a Python, without markers; what pip must read stays as it is.

    None if the settings name no file. Relative paths in them are those of the current directory,
    as pip takes them.
    """
    named = pip_constraints(environment, pip_files(environment, Path.home()))
    if not named:
        return None
    return tuple(line for each in named for line in _file(each, Path.cwd(), target, 0))


def _local(name: str) -> str:
    """Return the path of a file: URL of this machine; other names stay as they are."""
    said = urlsplit(name)
    is_local = said.scheme == "file" and said.netloc in ("", "localhost")
    return unquote(said.path) if is_local else name


def _expanded(line: str) -> str:
    """Return a line with the variables that pip replaces: ${NAME}, if it has a value."""
    return _VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[0], line)


def _file(name: str, folder: Path, target: Target, depth: int) -> Iterator[str]:
    name = _local(name)
    path = folder / os.path.expanduser(name)  # noqa: PTH111 — pathlib raises for an unknown user
    if "://" in name or depth == MAX_NESTED:
        yield f"--constraint {name if '://' in name else path}"
        return
    try:
        text = read_file(path, MAX_FILE).decode("utf-8")
    except (ConfigError, UnicodeDecodeError):
        yield f"--constraint {path}"  # pip says what is wrong with it
        return
    for raw in text.replace("\\\n", " ").splitlines():
        line = _expanded(_COMMENT.sub("", raw).strip())
        if included := _INCLUDED.fullmatch(line):
            yield from _file(included[1], path.parent, target, depth + 1)
        elif place := _PLACE.fullmatch(line):
            near = path.parent / place["value"]  # pip takes it from here, if it is there
            yield f"--find-links {near.absolute() if near.exists() else place['value']}"
        elif line:
            yield from _line(line, target)


def _line(line: str, target: Target) -> Iterator[str]:
    option = _OPTIONS.search(line)
    said, rest = (line[: option.start()], line[option.start() :]) if option else (line, "")
    try:
        found = Requirement(said)
    except InvalidRequirement:
        yield line
        return
    if found.marker is None:
        yield line
    elif found.marker.evaluate({**target.markers(), "extra": ""}):
        found.marker = None
        yield f"{found}{rest}"
