"""Native code for another operating system or processor, recognised by its header."""

from careen.model.entry import Entry
from careen.oci.tree.rootfs import Rootfs

_ELF = b"\x7fELF"
_MACHINES = {
    "386": 3,
    "arm": 40,
    "amd64": 62,
    "arm64": 183,
    "ppc64le": 21,
    "s390x": 22,
    "riscv64": 243,
    "loong64": 258,
    "mips64le": 8,
}
"""GOARCH, as in an image's configuration, and its e_machine.

Code for devices (CUDA, AMD GPUs, BPF) has other numbers and is never foreign.
"""
_ALSO = {"amd64": ("386",), "arm64": ("arm",), "mips64le": ()}
_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
# Java classes begin with it too, and have a version where a universal binary has its part count
_UNIVERSAL = b"\xca\xfe\xba\xbe"
_MAX_PARTS = 20
_HEADER = 20


def is_foreign(rootfs: Rootfs, entry: Entry, architecture: str) -> bool:
    """Return whether a file is code for Windows or macOS (PE, Mach-O), or for another processor.

    That is an ELF file that `architecture` (GOARCH) does not run.
    """
    if not entry.is_file or entry.size < _HEADER:
        return False
    with rootfs.open(entry.path) as stream:
        head = stream.read(_HEADER)
    if head.startswith((b"MZ", *_MACH_O)):
        return True
    if head.startswith(_UNIVERSAL):
        return int.from_bytes(head[4:8], "big") < _MAX_PARTS
    if not head.startswith(_ELF) or architecture not in _MACHINES:
        return False
    machine = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
    return machine in _MACHINES.values() and machine not in [
        _MACHINES[item] for item in (architecture, *_ALSO.get(architecture, ()))
    ]
