"""Processor architectures by their names in images, and how their ELF programs begin."""

from collections.abc import Mapping

MAGIC = b"\x7fELF"
"""The first bytes of every ELF file."""

HEADER = 20
"""Bytes of an ELF file up to and including its machine, as handlers of binfmt_misc compare them."""

_LITTLE, _BIG = 1, 2
_BITS_32, _BITS_64 = 1, 2
# Go's architecture → class, byte order, e_machine (elf(5), the gABI's registry)
_ELF: Mapping[str, tuple[int, int, int]] = {
    "386": (_BITS_32, _LITTLE, 3),
    "amd64": (_BITS_64, _LITTLE, 62),
    "arm": (_BITS_32, _LITTLE, 40),
    "arm64": (_BITS_64, _LITTLE, 183),
    "loong64": (_BITS_64, _LITTLE, 258),
    "mips64le": (_BITS_64, _LITTLE, 8),
    "ppc64le": (_BITS_64, _LITTLE, 21),
    "riscv64": (_BITS_64, _LITTLE, 243),
    "s390x": (_BITS_64, _BIG, 22),
}
ARCHITECTURES = tuple(_ELF)
"""Those whose programs careen recognises, by Go's names."""

HALVES: Mapping[str, str] = {"amd64": "386", "arm64": "arm"}
"""32-bit programs that the processors of an architecture run as well."""

_PIE = 3  # e_type of what compilers make today


def program_header(architecture: str) -> bytes | None:
    """Return how a program of an architecture begins, or None for an unknown architecture."""
    if (known := _ELF.get(architecture)) is None:
        return None
    bits, order, machine = known
    number = "little" if order == _LITTLE else "big"
    ident = MAGIC + bytes((bits, order, 1)) + bytes(9)
    return ident + _PIE.to_bytes(2, number) + machine.to_bytes(2, number)  # type: ignore[arg-type]


def architecture_of(header: bytes) -> str | None:
    """Return the architecture of an ELF file that begins like this, or None."""
    if len(header) < HEADER or not header.startswith(MAGIC):
        return None
    bits, order = header[4], header[5]
    machine = int.from_bytes(header[18:20], "big" if order == _BIG else "little")
    return next((name for name, known in _ELF.items() if known == (bits, order, machine)), None)
