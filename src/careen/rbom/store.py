"""Reader and writer of RBOM files (docs/rbom.md; docs/schema/rbom-1.schema.json)."""

import json
from pathlib import Path
from typing import Any, NoReturn

from careen.errors import ConfigError
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
    if len(data) > MAX_RBOM:
        msg = f"rbom: {len(data)} bytes, more than the {MAX_RBOM} that are read"
        raise ConfigError(msg)
    try:
        document = json.loads(data, object_pairs_hook=_object, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        msg = f"rbom: not JSON: {error}"
        raise ConfigError(msg) from error
    return decode(document)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in pairs:
        if name in out:
            msg = f"member {name[:80]!r} is there twice"
            raise ValueError(msg)
        out[name] = value
    return out


def _not_json(text: str) -> NoReturn:
    msg = f"{text} is not a JSON number"
    raise ValueError(msg)
