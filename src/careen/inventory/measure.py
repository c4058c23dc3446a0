"""Figures of one image."""

from careen.formats.elf.program import MIN_SIZE
from careen.model.entry import Entry
from careen.model.measure import SHELLS, Measure
from careen.model.packages.package import Inventory
from careen.oci.tree.rootfs import Rootfs


def measure(rootfs: Rootfs, inventory: Inventory, reference: str, digest: str) -> Measure:
    """Return the figures of a root file system.

    Files, executables, ELF files and setuid files are counted by path, bytes once per content (hard
    links share it). A shell is an executable file with a known shell's name or a link of that name;
    `/bin/sh` → `dash` is one shell.
    """
    files = [entry for entry in rootfs if entry.is_file]
    elf = _elf_inodes(rootfs, files)
    sizes = {entry.inode: entry.size for entry in files}
    return Measure(
        reference=reference,
        digest=digest,
        size_bytes=sum(sizes.values()),
        files=len(files),
        packages=inventory.count(),
        elf_files=sum(entry.inode in elf for entry in files),
        elf_bytes=sum(sizes[inode] for inode in elf),
        executables=sum(entry.is_executable for entry in files),
        setuid=sum(entry.is_setid for entry in files),
        shells=len(_shell_inodes(rootfs)),
    )


def _elf_inodes(rootfs: Rootfs, files: list[Entry]) -> set[int]:
    """Return the inodes of ELF files, by the first four bytes of each content."""
    seen: set[int] = set()
    elf: set[int] = set()
    for entry in files:
        if entry.size < MIN_SIZE or entry.inode in seen:
            continue
        seen.add(entry.inode)
        if rootfs.begins_as_elf(entry.path):
            elf.add(entry.inode)
    return elf


def _shell_inodes(rootfs: Rootfs) -> set[int]:
    out: set[int] = set()
    for entry in rootfs:
        if entry.path.rpartition("/")[2] not in SHELLS or entry.is_dir:
            continue
        final = rootfs.walk(entry.path).final
        if final is not None and final.is_executable:
            out.add(final.inode)
    return out
