"""The kernel part fits the stack of every kernel: all functions of a call have 512 bytes together.

Kernels from 6.13 on give x86-64's functions stacks of their own and load what others refuse, so
loading it here proves nothing about them.
"""

import runpy
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts/programs.py"))
LIMIT, ROUNDED, FRAMES = 512, 32, 8  # of the kernel's verifier (check_max_stack_depth)
R_BPF_64_32 = 10
CALL, PSEUDO_CALL, SIZE = 0x85, 1, 8

pytestmark = pytest.mark.clang

Function = tuple[int, int, int]
"""A function: its section, its first byte, and the one after its last."""


def compiled(folder: Path, target: str, flags: tuple[str, ...]) -> tuple[Path, Mapping[str, int]]:
    """Compile the kernel part; return the object and the bytes of stack of each function."""
    clang = SCRIPT["_find"]("clang", *(f"clang-{n}" for n in SCRIPT["VERSIONS"]), "clang")
    sources = SCRIPT["PROGRAMS"]["sensor"].sources
    options = ("-g", "-O2", "-mcpu=v3", "-target", "bpf", f"-D__TARGET_ARCH_{target}", *flags)
    made = folder / "sensor.o"
    words = (clang, *options, "-fstack-usage", "-c", sources / "sensor.bpf.c", "-o", made)
    subprocess.check_call(list(map(str, words)))
    rows = (line.split("\t") for line in made.with_suffix(".su").read_text().splitlines())
    return made, {place.rpartition(":")[2]: int(size) for place, size, _ in rows}


def functions(elf: Any) -> Mapping[str, Function]:
    """Return the functions of an object by name."""
    symbols = elf.get_section_by_name(".symtab").iter_symbols()
    return {
        each.name: (
            each["st_shndx"],
            each["st_value"],
            each["st_value"] + each["st_size"],
        )
        for each in symbols
        if each["st_info"]["type"] == "STT_FUNC"
    }


def edges(elf: Any, known: Mapping[str, Function]) -> Iterator[tuple[str, str]]:
    """Yield who calls whom: by name, within a section, and as a callback."""

    def at(section: int, offset: int) -> str:
        return next(
            name
            for name, (own, start, end) in known.items()
            if own == section and start <= offset < end
        )

    table = elf.get_section_by_name(".symtab")
    code_sections = {own for own, _, _ in known.values()}
    told: set[tuple[int, int]] = set()
    for section in elf.iter_sections():
        caller = section["sh_info"]
        if section["sh_type"] != "SHT_REL" or caller not in code_sections:
            continue
        code = elf.get_section(caller).data()
        for reloc in section.iter_relocations():
            symbol, where = table.get_symbol(reloc["r_info_sym"]), reloc["r_offset"]
            told.add((caller, where))
            if symbol["st_info"]["type"] == "STT_FUNC":
                yield at(caller, where), symbol.name
            elif symbol["st_shndx"] in code_sections:
                value = int.from_bytes(code[where + 4 : where + 8], "little")
                # a call counts instructions from the next one, the address of a callback bytes
                called = SIZE * (value + 1) if reloc["r_info_type"] == R_BPF_64_32 else value
                yield at(caller, where), at(symbol["st_shndx"], called)
    for number in code_sections:
        code = elf.get_section(number).data()
        for offset in range(0, len(code), SIZE):
            step = int.from_bytes(code[offset + 4 : offset + 8], "little", signed=True)
            is_call = code[offset] == CALL and code[offset + 1] >> 4 == PSEUDO_CALL
            if is_call and (number, offset) not in told:
                yield at(number, offset), at(number, offset + SIZE * (step + 1))


@pytest.mark.parametrize("target", sorted(SCRIPT["TARGETS"].values()))
def test_every_chain_of_calls_fits_the_stack(tmp_path: Path, target: str) -> None:
    made, stack = compiled(tmp_path, target, SCRIPT["VARIANTS"]["full"])  # has all functions
    with made.open("rb") as stream:
        elf = ELFFile(stream)
        known = functions(elf)
        calls: dict[str, set[str]] = {}
        for caller, callee in edges(elf, known):
            calls.setdefault(caller, set()).add(callee)
    assert {"name", "endpoint", "climb_step"} <= {
        each for found in calls.values() for each in found
    }

    @cache
    def deepest(name: str) -> tuple[int, tuple[str, ...]]:
        below = max((deepest(each) for each in calls.get(name, ())), default=(0, ()))
        own = -(-max(stack[name], 1) // ROUNDED) * ROUNDED
        return own + below[0], (name, *below[1])

    too_deep = {
        " → ".join(chain): size
        for size, chain in map(deepest, known)
        if size > LIMIT or len(chain) > FRAMES
    }
    assert too_deep == {}
