"""Linux kernels of an image."""

import struct

import pytest

from careen.inventory import linux_kernel
from careen.model.packages.package import Presence
from tests.support.trees import tree

RELEASE = b"6.18.56-0-virt (builder@build-3-23) #1-Alpine SMP 2026-10-12\0"


def kernel(text: bytes = RELEASE, pointer: int = 0x37C0) -> bytes:
    image = bytearray(0x11000)
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x20E, pointer)
    image[pointer + 0x200 : pointer + 0x200 + len(text)] = text
    return bytes(image)


def test_a_kernel_is_the_release_that_its_header_states() -> None:
    found = linux_kernel.find(
        tree({"/boot/vmlinuz-virt": kernel(), "/boot/vmlinuz.txt": kernel(), "/boot/config-6": "x"})
    )
    assert found.unknowns == ()
    (package,) = found.packages
    assert (package.purl, package.files, package.presence) == (
        "pkg:generic/linux-kernel@6.18.56-0-virt",
        ("/boot/vmlinuz-virt",),
        Presence.EMBEDDED,
    )


@pytest.mark.parametrize(
    "data",
    [
        kernel(b"no release\0"),
        kernel(b"6.1" + b"x" * 4000),
        kernel()[:0x20E] + b"\0\0" + kernel()[0x210:],
        kernel(b"6.1\0", pointer=0xFFF0)[:0x10200],
    ],
)
def test_a_kernel_without_a_release_is_an_unknown_and_another_file_is_nothing(data: bytes) -> None:
    found = linux_kernel.find(
        tree({"/boot/vmlinuz": data, "/usr/bin/kernel": b"\x7fELF" + b"\0" * 0x11000})
    )
    assert len(found.packages) + len(found.unknowns) == 1
    assert all(unknown.path == "/boot/vmlinuz" for unknown in found.unknowns)
