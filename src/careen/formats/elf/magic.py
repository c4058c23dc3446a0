"""How an ELF file begins."""

MAGIC = b"\x7fELF"
