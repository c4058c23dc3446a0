"""Zip archives in memory."""

import io
import zipfile
from collections.abc import Mapping


def jar(members: Mapping[str, bytes]) -> bytes:
    """Return an archive with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()
