"""Versions that careen reads without running anything, against what the same libraries say when
they are loaded and asked.
"""

import ctypes
import platform
import re
import sys
from pathlib import Path

import pytest

from careen.inventory import inside
from careen.inventory.scan import scan
from tests.support.trees import tree

pytestmark = pytest.mark.dpkg


def read(*files: Path) -> dict[str, str]:
    """Return what careen reads of these files, as if no package owned them."""
    rootfs = tree({f"/opt/{path.name}": path.read_bytes() for path in files})
    return {package.name: package.version for package in inside.find(rootfs, scan(rootfs)).packages}


def loaded(fragment: str) -> Path | None:
    """Return the library of this very process whose path has `fragment`."""
    maps = Path("/proc/self/maps").read_text()
    match = re.search(rf"(/\S*{re.escape(fragment)}\S*)", maps)
    return Path(match[1]) if match else None


@pytest.mark.parametrize(
    ("library", "function", "name"),
    [
        ("liblzma.so.5", "lzma_version_string", "xz"),
        ("libzstd.so.1", "ZSTD_versionString", "zstd"),
        ("libz.so.1", "zlibVersion", "zlib"),
    ],  # dpkg needs them all
)
def test_library_says_what_it_says_when_it_is_called(
    library: str, function: str, name: str
) -> None:
    handle = ctypes.CDLL(library)
    asked = getattr(handle, function)
    asked.restype = ctypes.c_char_p
    path = loaded(library.partition(".so")[0] + ".so")
    assert path is not None
    assert read(path)[name] == asked().decode()


def test_python_says_what_it_says_when_it_runs() -> None:
    static = Path(sys.executable).resolve()
    shared = loaded("libpython")
    assert read(*([static, shared] if shared else [static]))[
        "python"
    ] == platform.python_version().removesuffix("+")
