"""The figures of one image."""

from dataclasses import replace

from careen.inventory.measure import measure
from careen.inventory.scan import scan
from careen.model.measure import Measure
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, Link, MemoryContent, tree

ELF = b"\x7fELF" + b"\0" * 60


def test_counts_what_a_user_would_count() -> None:
    rootfs = tree(
        {
            "/usr/bin/dash": Exec(ELF),
            "/bin/sh": Link("/usr/bin/dash"),
            "/usr/bin/bash": Exec(ELF),
            "/usr/share/doc/sh": "not executable",
            "/etc/zsh": None,
            "/opt/ksh": Link("nowhere"),
            "/usr/lib/libc.so.6": ELF,
            "/usr/lib/tiny": b"\x7fELF",
            "/usr/bin/script": Exec(b"#!/bin/sh\n" + b"x" * 60),
        }
    )
    assert measure(rootfs, scan(rootfs), "name:tag", "sha256:x") == Measure(
        reference="name:tag",
        digest="sha256:x",
        size_bytes=3 * 64 + 4 + 70 + 14,
        files=6,
        packages={},
        elf_files=3,
        elf_bytes=3 * 64,
        executables=3,
        setuid=0,
        shells=2,
    )


def test_hard_links_share_their_bytes_and_count_as_files() -> None:
    plain = tree({"/a": Exec(ELF)})
    entry = plain[ImagePath("/a")]
    entries = {item.path: item for item in plain}
    entries[ImagePath("/a")] = replace(entry, mode=0o4755)
    entries[ImagePath("/b")] = replace(entry, path=ImagePath("/b"), mode=0o4755)
    linked = Rootfs(entries, MemoryContent({ImagePath("/a"): ELF, ImagePath("/b"): ELF}))
    figures = measure(linked, scan(linked), "", "")
    assert (
        figures.files,
        figures.size_bytes,
        figures.elf_files,
        figures.elf_bytes,
        figures.setuid,
    ) == (2, 64, 2, 64, 2)
