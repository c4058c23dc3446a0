"""Figures of the bases that this user built last, one file for each variant."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from careen.errors import CareenError, ConfigError
from careen.formats.json_document import parse_object
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.curated import CuratedBase
from careen.model.catalog.listing import Figures
from careen.report.directory import write_report
from careen.tools.read_file import read_regular
from careen.tools.user_data import user_data

FORMAT = "careen.base-figures"
_MAX = 64 << 10
_OTHER = re.compile(r"[^a-z0-9.-]+")


def remember(built: BuiltBase | CuratedBase, when: str) -> None:
    """Keep the figures of a build. Raises InputError if they cannot be written."""
    found = built.findings
    unknown = found is not None and found.says_nothing_of(built.measure)
    document = {
        "format": FORMAT,
        "version": 1,
        "entry": built.entry,
        "variant": built.variant,
        "digest": built.measure.digest,
        "size": built.measure.size_bytes,
        "packages": sum(built.measure.packages.values()),
        "findings": None if found is None or unknown else found.total,
        "fixable": None if found is None or unknown else found.fixable,
        "uncompared": None if found is None else found.uncompared,
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
    size, packages = _count(document, "size"), _count(document, "packages")
    digest, built = document.get("digest"), document.get("built")
    if size is None or packages is None:
        return None
    if not isinstance(digest, str) or not isinstance(built, str):
        return None
    return Figures(
        variant,
        digest,
        size,
        packages,
        _count(document, "findings"),
        _count(document, "fixable"),
        _count(document, "uncompared"),
        built,
    )


def _count(document: Mapping[str, Any], key: str) -> int | None:
    value = document.get(key)
    return value if type(value) is int and value >= 0 else None


def _place(entry: str, variant: str) -> Path:
    return user_data() / "bases" / f"{_OTHER.sub('_', entry)}.{variant}.json"
