"""Programs are read in pieces, without what runs on a GPU, and the names in them are the same."""

import io
import random

import pytest

from careen.plan.core.loader import OF_ELF
from careen.plan.mechanisms.files.data_paths import paths_of_program
from careen.plan.mechanisms.files.hints import library_names, names_outside
from careen.plan.scanners import program_pieces
from careen.plan.scanners.data_paths import data_paths, data_paths_of_program
from careen.plan.scanners.program_pieces import device_code, pieces
from tests.support.elf_bytes import elf

HOST = b"\0libhost.so.1\0/usr/share/fonts/host\0"
DEVICE = b"\0libdevice.so.1\0/usr/share/fonts/device\0"


def program(name: str, filler: int = 1 << 20) -> bytes:
    return elf({".rodata": HOST + bytes(filler), name: DEVICE, ".data": HOST})


@pytest.mark.parametrize(
    ("section", "counts"), [(".nv_fatbin", False), (".hip_fatbin", False), (".rodata.1", True)]
)
def test_a_program_for_a_gpu_names_nothing_of_the_image(section: str, counts: bool) -> None:
    data = program(section)
    info = OF_ELF.read(io.BytesIO(data))
    assert info is not None
    assert bool(info.device) is not counts
    assert OF_ELF.load(OF_ELF.dump(info)) == info
    names = names_outside(info).read(io.BytesIO(data))
    paths = paths_of_program(info).read(io.BytesIO(data))
    assert names == {"libhost.so.1"} | ({"libdevice.so.1"} if counts else set())
    assert paths == {b"/usr/share/fonts/host"} | ({b"/usr/share/fonts/device"} if counts else set())


@pytest.mark.parametrize("cut", [0, 10, 60, 100])
def test_a_file_that_is_cut_off_has_no_such_part(cut: int) -> None:
    data = program(".nv_fatbin")[: (1 << 20) + cut]
    assert device_code(io.BytesIO(data), len(data)) == ()


def test_names_across_pieces_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(1000).join([b"libone.so.1\0", b"libtwo_%s.so\0", b"three.so\0"])
    whole = set(library_names(io.BytesIO(data)))
    for size in (301, 400, 1013, 1024):
        monkeypatch.setattr(program_pieces, "CHUNK", size)
        assert set(library_names(io.BytesIO(data))) >= whole
    assert whole == {"libone.so.1", "libtwo_%s.so", "three.so"}


def test_each_byte_outside_the_ranges_is_in_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)  # noqa: S311 — the same choices in every run
    for _ in range(300):
        data = chance.randbytes(chance.randrange(200))
        without = [
            (chance.randrange(220), chance.randrange(60)) for _ in range(chance.randrange(4))
        ]
        monkeypatch.setattr(program_pieces, "CHUNK", chance.randrange(1, 50))
        overlap = chance.randrange(8)
        seen, last = b"", b""
        for buffer, end in pieces(io.BytesIO(data), overlap, without):
            piece = bytes(buffer[:end])
            held = min(overlap, len(last))
            begins = held and piece[:held] == last[-held:]
            seen += piece[held:] if begins and len(piece) > held else piece
            last = piece
        kept = bytes(
            byte
            for at, byte in enumerate(data)
            if not any(start <= at < start + size for start, size in without)
        )
        assert seen == kept


def test_paths_of_programs_are_those_of_texts() -> None:
    chance = random.Random(6)  # noqa: S311 — the same choices in every run
    words = [b"/usr", b"/local", b"/share", b"/etc/fonts", b"/", b"a", b".", b"\0", b"share/"]
    for _ in range(2000):
        data = b"".join(chance.choices(words, k=12))
        assert set(data_paths_of_program(data, len(data))) == set(data_paths(data))
        end = chance.randrange(len(data) + 1)
        assert set(data_paths_of_program(data, end)) == set(data_paths(data[:end]))
