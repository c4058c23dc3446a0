"""Wheels of a test: real archives with METADATA and RECORD."""

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str | bytes] | None = None,
    requires: Sequence[str] = (),
    tag: str = "py3-none-any",
) -> Path:
    """Write a wheel and return its path; without `files` it has one module."""
    info = f"{name}-{version}.dist-info"
    lines = [f"Requires-Dist: {each}" for each in requires]
    content: dict[str, str | bytes] = {
        **(files if files is not None else {f"{name}.py": f'VERSION = "{version}"\n'}),
        f"{info}/METADATA": "\n".join(
            ("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines, "")
        ),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    rows = [f"{path},sha256={_digest(x)},{len(_bytes(x))}" for path, x in content.items()]
    content[f"{info}/RECORD"] = "\n".join((*rows, f"{info}/RECORD,,", ""))
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as out:
        for path, text in content.items():
            out.writestr(path, text)
    return wheel


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _digest(data: str | bytes) -> str:
    found = hashlib.sha256(_bytes(data)).digest()
    return base64.urlsafe_b64encode(found).decode().rstrip("=")
