"""One YAML document, read as what JSON can say."""

import json
from typing import Any

from careen.errors import ImageError
from careen.formats.yaml_subset import load_subset
from careen.oci.documents import read_json
from careen.oci.limits import MAX_DEPTH


def read_yaml(data: bytes, where: str) -> Any:
    """Parse one document; the caller bounds its size.

    Raises ImageError for invalid YAML, several documents, aliases, tags, repeated keys, deep
    nesting, and what JSON cannot express.
    """
    try:
        value, _ = load_subset(data, MAX_DEPTH)
    except ValueError as error:
        msg = f"{where}: {error}"
        raise ImageError(msg) from error
    try:
        found = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        msg = f"{where}: YAML beyond what JSON can express: {error}"
        raise ImageError(msg) from error
    return read_json(found.encode(), where)
