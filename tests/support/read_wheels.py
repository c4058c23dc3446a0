"""Make `tests/data/gpu_wheels.txt.gz` again: `python -m tests.support.read_wheels NAME…`, from the
index that pip is set up for.

Of each wheel its end is read (the central directory of the zip), its METADATA, and the libraries
that are small in it, by HTTP ranges: some megabytes each, no wheel whole. The format is told in
`wheel_lists.py`.
"""

import gzip
import io
import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.message import Message

from careen.formats.elf.program import Unreadable, elf_info
from careen.plan.mechanisms.files.hints import library_names
from tests.support.wheel_lists import LIST

BLOCK = 1 << 20
SMALL = 12 << 20
_LIBRARY = re.compile(r"\.so(?:\.[\w.]+)?\Z")
_TOGETHER = re.compile(
    r"\.(pyi?|px[di]|h|hpp|hh|hxx|cuh?|cc|cpp|inl|inc|txt|md|json|cubin|jinja|rst|cmake|in)\Z"
)
_SINGLE = re.compile(r"triton/backends/|/__init__\.py\Z")
_SYSTEM = re.compile(
    r"(libc|libm|libdl|librt|libpthread|libstdc\+\+|libgcc_s|libutil|ld-linux\S*)\.so"
)
_GRAPHICS = re.compile(r"(libEGL|libGL|libOpenCL|libVulkan|libX11|soclib|dl)\S*\.so")
_ASKED_EXTRAS = "cuda-toolkit"


def _ask(address: str, method: str, headers: Mapping[str, str]) -> tuple[Message, bytes]:
    # an address that pip gave
    request = urllib.request.Request(address, method=method, headers=dict(headers))  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 — as above
        return answer.headers, answer.read()


class Ranges(io.RawIOBase):
    """A file behind an address, read in blocks as they are asked for."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._at = 0
        self._block: tuple[int, bytes] = (-1, b"")
        self._size = int(_ask(address, "HEAD", {})[0]["Content-Length"])

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Return all that is asked for: a zip reader takes a short answer for the end."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        parts = []
        while self._at < end:
            number, inside = divmod(self._at, BLOCK)
            if self._block[0] != number:
                span = f"bytes={number * BLOCK}-{min(self._size, (number + 1) * BLOCK) - 1}"
                self._block = (number, _ask(self._address, "GET", {"Range": span})[1])
            parts.append(self._block[1][inside : inside + end - self._at])
            self._at += len(parts[-1])
        return b"".join(parts)


def addresses(names: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and address of the newest wheel of each name that fits this Python, as
    pip chooses it.
    """
    for name in names:
        argv = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--dry-run",
            "--no-deps",
            "--ignore-installed",
            "--only-binary=:all:",
            "--report",
            "-",
            name,
        ]
        # by hand, outside of tests
        done = subprocess.run(argv, capture_output=True, check=True, timeout=300)  # noqa: TID251
        for item in json.loads(done.stdout)["install"]:
            yield (
                item["metadata"]["name"],
                item["metadata"]["version"],
                item["download_info"]["url"],
            )


def block_of(name: str, version: str, address: str) -> list[str]:
    """Return the lines of one wheel."""
    with zipfile.ZipFile(Ranges(address)) as wheel:
        listed = [item for item in wheel.infolist() if not item.is_dir()]
        metadata = next(item for item in listed if item.filename.endswith(".dist-info/METADATA"))
        head = wheel.read(metadata).decode("utf-8", "replace").partition("\n\n")[0]
        requires = [
            line.removeprefix("Requires-Dist: ")
            for line in head.splitlines()
            if line.startswith("Requires-Dist: ")
        ]
        lines = [
            f"wheel {name} {version}",
            *(
                f"requires {item}"
                for item in requires
                if "extra ==" not in item or name == _ASKED_EXTRAS
            ),
        ]
        for points in (
            item for item in listed if item.filename.endswith(".dist-info/entry_points.txt")
        ):
            for group, body in re.findall(
                r"^\[(.+?)\]\s*\n([^\[]*)", wheel.read(points).decode(), re.MULTILINE
            ):
                lines.append(f"points {group} {sum('=' in line for line in body.splitlines())}")
        directories: dict[str, list[zipfile.ZipInfo]] = {}
        for item in listed:
            if ".dist-info/" not in item.filename:
                directories.setdefault(item.filename.rpartition("/")[0], []).append(item)
        for directory in sorted(directories):
            lines += [
                f"in {directory}",
                *_files(wheel, sorted(directories[directory], key=lambda item: item.filename)),
            ]
        return lines


def _files(wheel: zipfile.ZipFile, items: list[zipfile.ZipInfo]) -> Iterator[str]:
    together: dict[str, list[int]] = {}
    for item in items:
        suffix = _TOGETHER.search(item.filename)
        if suffix is not None and not _SINGLE.search(item.filename):
            together.setdefault(suffix.group(1), []).append(item.file_size)
        else:
            small = _LIBRARY.search(item.filename) is not None and item.compress_size <= SMALL
            yield f" {item.filename.rpartition('/')[2]} {item.file_size}" + (
                _library(wheel.read(item), item.filename) if small else ""
            )
    for suffix_name, sizes in together.items():
        yield f" *.{suffix_name} {sum(sizes)} {len(sizes)}"


def _library(data: bytes, filename: str) -> str:
    info = elf_info(io.BytesIO(data))
    if info is None or isinstance(info, Unreadable):
        return ""
    own = {*info.needed, info.soname, filename.rpartition("/")[2]}
    names = sorted(
        item
        for item in set(library_names(io.BytesIO(data), info.strings)) - own
        if ".so" in item and "%" not in item and not _GRAPHICS.match(item)
    )
    needed = " ".join(item for item in info.needed if not _SYSTEM.match(item))
    return (
        f" | {needed} |"
        f" {':'.join(item for item in info.runpath or info.rpath if item.startswith('$'))} |"
        f" {' '.join(names)}"
    )


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        blocks = pool.map(lambda wheel: block_of(*wheel), list(addresses(sys.argv[1:])))
        LIST.write_bytes(
            gzip.compress(
                "".join(f"{line}\n" for block in blocks for line in block).encode(), 9, mtime=0
            )
        )
