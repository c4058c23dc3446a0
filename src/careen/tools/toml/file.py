"""Reader of the user's TOML files whose errors name file and line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.tools.read_file import read_file
from careen.tools.toml.lines import find_lines
from careen.tools.toml.table import Document, Table


def load_toml(path: Path, limit: int) -> Table:
    """Read a TOML file of at most `limit` bytes.

    Raises ConfigError: `careen.toml:14: not valid TOML: …`.
    """
    name = str(path)
    text = _read(path, limit)
    values = _parse(name, text)
    return Table(Document(name, find_lines(text)), (), values)


def _read(path: Path, limit: int) -> str:
    data = read_file(path, limit)
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = f"{path}:{line}: not UTF-8: byte 0x{data[error.start]:02x}"
        raise ConfigError(msg) from error


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        line = (
            int(match.group(1)) if match and match.group(1) else text.rstrip("\n").count("\n") + 1
        )
        said = str(error).partition(" (at ")[0]
        msg = f"{name}:{line}: not valid TOML: {said[:1].lower()}{said[1:]}"
        raise ConfigError(msg) from error
    except (RecursionError, ValueError) as error:
        msg = (
            f"{name}:1: not valid TOML:"
            f" {'nested too deep' if isinstance(error, RecursionError) else error}"
        )
        raise ConfigError(msg) from error
