"""The process beside this one that computes the diff IDs of unpacked layers.

A job has three open files: the record of a layer, the layer's directory, and eight bytes that tell
how far the process is.
"""

import hashlib
import mmap
import os
import struct
from collections.abc import Sequence
from typing import BinaryIO

from careen.model.machines import MAGIC
from careen.oci.tar.split import read_pieces
from careen.oci.tree.beneath import RootedDirectory
from careen.tools.beside import answer_jobs

HOW_FAR = struct.Struct("=Q")
_BUFFER = 1 << 20
_TELL = 4 << 20  # bytes between two words of how far it is


def answer(job: bytes, files: Sequence[int]) -> bytes:
    """Return the digest of a layer, and the names of its ELF files; the job is its name."""
    record, folder, how_far = files
    with (
        open(record, "rb", closefd=False) as stream,
        mmap.mmap(how_far, HOW_FAR.size) as told,
    ):
        digest, programs = digest_of_layer(stream, RootedDirectory(folder, job.decode()), told)
    return b"\0".join((digest.encode(), *programs))


def answer_in(document: bytes) -> tuple[str, frozenset[bytes]] | None:
    """Return the digest (hex) and the names of ELF files; None for a job that failed."""
    digest, *programs = document.split(b"\0")
    return (digest.decode(), frozenset(programs)) if digest else None


def digest_of_layer(
    record: BinaryIO, folder: RootedDirectory, told: mmap.mmap
) -> tuple[str, list[bytes]]:
    """Return the SHA-256 (hex) of a layer, and the names of its files that begin as ELF does.

    Raises ImageError for an unreadable record, and OSError, EOFError or ValueError for a file.
    """
    hasher = hashlib.sha256()
    buffer = memoryview(bytearray(_BUFFER))
    programs: list[bytes] = []
    done = said = 0
    for piece in read_pieces(record, folder.where):
        if isinstance(piece, bytes):
            hasher.update(piece)
            done += len(piece)
            continue
        if b"\0" in piece.name:
            raise ValueError(piece.name)
        file = folder.open(piece.name)
        try:
            left = piece.size
            while left:
                got = os.readv(file, [buffer[:left]])
                if not got:
                    raise EOFError(piece.name)
                if left == piece.size and bytes(buffer[: min(got, len(MAGIC))]) == MAGIC:
                    programs.append(piece.name)
                hasher.update(buffer[:got])
                left -= got
        finally:
            os.close(file)
        done += piece.size
        if done - said >= _TELL:
            HOW_FAR.pack_into(told, 0, said := done)
    return hasher.hexdigest(), programs


def main() -> None:
    """Answer the jobs of the process that started this one."""
    answer_jobs(answer)
