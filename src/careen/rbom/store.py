"""Reader and writer of RBOM files (docs/rbom.md; docs/schema/rbom-1.schema.json)."""

import json
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.formats.json_document import parse
from careen.model.rbom import RuntimeBom
from careen.rbom.decode import decode
from careen.rbom.encode import encode
from careen.tools.read_file import parse_file

MAX_RBOM = 512 << 20


def write_rbom(bom: RuntimeBom) -> bytes:
    r"""Return the JSON file of an RBOM: ASCII, one line per file, equal bytes for equal values.

    Bytes that are not UTF-8 are written as lone surrogates (`\udc80` to `\udcff`, PEP 383).
    """
    members = ",\n".join(
        f"{json.dumps(name)}: {_member(value)}" for name, value in encode(bom).items()
    )
    return f"{{\n{members}\n}}\n".encode("ascii")


def _member(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(_compact(item) for item in value) + "\n]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def load_rbom(path: Path) -> RuntimeBom:
    """Return the RBOM in a file, or raise ConfigError that names the file."""
    return parse_file(path, MAX_RBOM, read_rbom)


def read_rbom(data: bytes) -> RuntimeBom:
    """Return the RBOM in `data`.

    Raises ConfigError with the place in the document if it is not exactly version 1 of the format.
    """
    return decode(parse(data, "rbom", ConfigError, limit=MAX_RBOM, unique=True))
