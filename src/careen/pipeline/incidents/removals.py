"""Paths that an incident took out of an image: later runs of the list leave them out, too.

Without this, the next run would bring the vulnerability back.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from careen.errors import ConfigError
from careen.formats.json_document import Strict, parse
from careen.pipeline.integrating.state import ADVICE
from careen.report.directory import write_report
from careen.tools.read_file import read_regular

NAME = "removals.json"
FORMAT = "careen.removals"
VERSION = 1
_MAX = 64 << 20
_READ = Strict(ConfigError, "removals")


def removals_of(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the globs that incidents remove from an image, by vulnerability.

    Raises ConfigError for a damaged file.
    """
    path = folder / NAME
    if not os.path.lexists(path):
        return {}
    name = str(path)
    document = parse(read_regular(path, _MAX), name, ConfigError, limit=_MAX)
    _READ.check_format(document, name, FORMAT, VERSION)
    table = _READ.members(document, name, {"format", "version", "removals"})
    by_incident = _READ.mapping(table["removals"], name, "removals")
    return {key: _READ.texts(globs, name, key) for key, globs in by_incident.items()}


def keep_removals(folder: Path, identifier: str, globs: tuple[str, ...]) -> None:
    """Write down what an incident removes from an image; no globs, no removal.

    Raises InputError, or ConfigError for a damaged file.
    """
    known = removals_of(folder)
    left = {key: value for key, value in known.items() if key != identifier}
    if globs:
        left[identifier] = globs
    if left == known:
        return
    document = {"format": FORMAT, "version": VERSION, "removals": left}
    data = (json.dumps(document, indent=1) + "\n").encode("ascii")
    write_report(folder, {NAME: data}, ADVICE)
