"""What a process beside the plan computes: the answers of readers about one file."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, BinaryIO

import zstandard

from careen.oci.extents import Extents, FilePart
from careen.plan.core.loader import OF_ELF
from careen.plan.core.readings import DIGEST, Reader
from careen.plan.core.sources import READERS
from careen.plan.mechanisms.files.data_paths import paths_of_program
from careen.plan.mechanisms.files.hints import names_outside
from careen.plan.mechanisms.files.plugin_directories import OF_DIRECTORIES
from careen.plan.mechanisms.packages.package_commands import words_by
from careen.plan.mechanisms.python.compiled_file import NAMES
from careen.plan.scanners.source import Source
from careen.tools.beside import answer_jobs

LIBRARIES, DATA, WORDS = "library names", "data paths", "words"
"""The names of readers that depend on the headers of a program."""

_OF_TEXTS = {reader.name: reader for reader in READERS}
_packer = zstandard.ZstdCompressor(level=1)


def answers_about(
    wanted: Collection[str], open_file: Callable[[], BinaryIO]
) -> Iterator[tuple[str, bytes]]:
    """Yield the names of readers with what they find in a file, packed.

    `wanted` are names of readers of sources, or of readers of programs. For those that read the
    whole content, its digest comes first.
    """
    if not _OF_TEXTS.keys().isdisjoint(wanted):
        with open_file() as stream:
            source = Source(stream.read())
        yield DIGEST, hashlib.sha256(source).hexdigest().encode()
        yield from (_found(_OF_TEXTS[name], source) for name in wanted)
        return
    info = OF_ELF.read(open_file())
    if OF_ELF.name in wanted:
        yield OF_ELF.name, OF_ELF.pack(info, _packer)
    if info is None:
        return
    if LIBRARIES in wanted:
        yield _found(names_outside(info), open_file())
    if DATA in wanted:
        yield _found(paths_of_program(info), open_file())
    if OF_DIRECTORIES.name in wanted:
        yield _found(OF_DIRECTORIES, open_file())
    if NAMES.name in wanted or WORDS in wanted:
        with open_file() as stream:
            data = stream.read()
        yield DIGEST, hashlib.sha256(data).hexdigest().encode()
        if NAMES.name in wanted:
            yield _found(NAMES, data)
        if WORDS in wanted:
            yield _found(words_by(info.strings), data)


def _found(reader: Reader[Any, Any], content: Any) -> tuple[str, bytes]:
    return reader.name, reader.pack(reader.read(content), _packer)


def job_about(wanted: Collection[str], parts: Sequence[tuple[int, int, int]]) -> bytes:
    """Return a job; each part is the number of an open file, an offset and a size."""
    return json.dumps([list(wanted), parts], separators=(",", ":")).encode()


def answer(job: bytes, files: Sequence[int]) -> bytes:
    """Return what readers find in the file that a job names, for `answers_in`."""
    wanted, parts = json.loads(job)
    extents = Extents(FilePart(files[number], offset, size) for number, offset, size in parts)
    found = list(answers_about(wanted, extents.open))
    head = json.dumps([[name, len(packed)] for name, packed in found]).encode()
    return b"\n".join((head, b"".join(packed for _, packed in found)))


def answers_in(document: bytes) -> dict[str, bytes]:
    """Return the packed values by the names of their readers; empty for a job that failed."""
    head, _, rest = document.partition(b"\n")
    out: dict[str, bytes] = {}
    at = 0
    for name, size in json.loads(head or b"[]"):
        out[name] = rest[at : at + size]
        at += size
    return out


def main() -> None:
    """Answer the jobs of the process that started this one."""
    answer_jobs(answer)
