"""Figures of the bases that this user built last, one file for each variant."""

import json
import re
from pathlib import Path

from careen.errors import CareenError, ConfigError
from careen.formats.json_document import parse_object
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.listing import Figures
from careen.report.directory import write_report
from careen.tools.read_file import read_regular
from careen.tools.user_data import user_data

FORMAT = "careen.base-figures"
_MAX = 64 << 10
_OTHER = re.compile(r"[^a-z0-9.-]+")


def remember(built: BuiltBase, when: str) -> None:
    """Keep the figures of a build. Raises InputError if they cannot be written."""
    found = built.findings
    document = {
        "format": FORMAT,
        "version": 1,
        "entry": built.entry,
        "variant": built.variant,
        "digest": built.measure.digest,
        "size": built.measure.size_bytes,
        "packages": sum(built.measure.packages.values()),
        "findings": None if found is None else found.total,
        "fixable": None if found is None else found.fixable,
        "built": when,
    }
    path = _place(built.entry, built.variant)
    data = (json.dumps(document, indent=2) + "\n").encode()
    write_report(path.parent, {path.name: data}, "set XDG_DATA_HOME to another place")


def measured(entry: str, variant: str) -> Figures | None:
    """Return the figures of the last build here; None if there was none, or the file is damaged."""
    path = _place(entry, variant)
    try:
        document = parse_object(read_regular(path, _MAX), str(path), ConfigError)
    except CareenError:
        return None
    if (document.get("format"), document.get("entry")) != (FORMAT, entry):
        return None
    numbers = [document.get(key) for key in ("size", "packages", "findings", "fixable")]
    size, packages, findings, fixable = (x if type(x) is int and x >= 0 else None for x in numbers)
    digest, built = document.get("digest"), document.get("built")
    if (
        size is None
        or packages is None
        or not isinstance(digest, str)
        or not isinstance(built, str)
    ):
        return None
    return Figures(variant, digest, size, packages, findings, fixable, built)


def _place(entry: str, variant: str) -> Path:
    return user_data() / "bases" / f"{_OTHER.sub('_', entry)}.{variant}.json"
