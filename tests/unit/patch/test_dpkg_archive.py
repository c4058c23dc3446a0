"""Package files, hostile ones too."""

import hashlib
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from careen.errors import ImageError
from careen.model.entry import EntryKind
from careen.patch.deb.dpkg import archive as dpkg_archive
from careen.patch.deb.dpkg.archive import DebFile, read_deb
from tests.support.deb_archive import Deb, build_deb, deb_bytes

CONTROL = "Package: x\nVersion: 1\nArchitecture: all\n"
Members = Sequence[tarfile.TarInfo | tuple[tarfile.TarInfo, bytes]]


def member(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644, data: bytes = b""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(data)
    return info, data


def read(data: bytes) -> DebFile:
    return read_deb(data, hashlib.sha256(data).hexdigest(), "x 1")


@pytest.mark.dpkg
@pytest.mark.parametrize("compression", ["xz", "zstd", "gzip", "none"])
def test_what_dpkg_packs_is_read_whatever_the_compression(tmp_path: Path, compression: str) -> None:
    deb = Deb(
        "x",
        "1:2",
        files={"/usr/bin/x": b"\0" * 70_000 + b"end", "/etc/x.conf": "a"},
        links={"/usr/lib/y": "../bin/x"},
        scripts={"postinst": "#!/bin/sh\n"},
    )
    built = build_deb(deb, tmp_path, compression)
    found = read_deb(built.read_bytes(), hashlib.sha256(built.read_bytes()).hexdigest(), "x")
    by_path = {each.path: each for each in found.members}
    assert by_path["/usr/bin/x"].content == b"\0" * 70_000 + b"end"
    assert (by_path["/usr/bin/x"].mode, by_path["/usr/bin/x"].uid) == (0o755, 0)
    assert (by_path["/usr/lib/y"].kind, by_path["/usr/lib/y"].target) == (
        EntryKind.SYMLINK,
        "../bin/x",
    )
    assert found.conffiles() == {"/etc/x.conf"}
    assert found.control["postinst"] == b"#!/bin/sh\n"
    assert found.paragraph.get("Version") == "1:2"


def test_a_hard_link_has_the_content_of_its_first_name() -> None:
    found = read(
        deb_bytes(
            CONTROL,
            [member("./a", mode=0o4755, data=b"data"), member("./b", tarfile.LNKTYPE, "./a")],
        )
    )
    assert (found.members[1].content, found.members[1].same_as, found.members[1].mode) == (
        b"data",
        "/a",
        0o4755,
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([member("../../etc/passwd")], "leaves the root"),
        ([member("./a\nb")], "breaks a line"),
        ([member("./dev", tarfile.BLKTYPE)], "block device"),
        ([member("./b", tarfile.LNKTYPE, "./never")], "did not come before"),
    ],
)
def test_a_hostile_member_is_refused(members: Members, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        read(deb_bytes(CONTROL, members))


def test_damage_is_refused_wherever_it_is() -> None:
    data = deb_bytes(CONTROL, [member("./a", data=b"data")])
    renamed = [
        data.replace(b"!<arch>", b"!<arkh>"),
        data.replace(b"data.tar", b"dada.tar"),
        data.replace(b"control.tar", b"control.bz2"),
    ]
    for broken in (b"", data[:40], data[:200], *renamed):
        with pytest.raises(ImageError):
            read(broken)


def test_another_file_than_the_signed_one_is_refused() -> None:
    with pytest.raises(ImageError, match="signed index"):
        read_deb(deb_bytes(CONTROL, []), "0" * 64, "x 1")


@pytest.mark.dpkg
def test_a_bomb_is_read_no_further_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build_deb(Deb("x", "1", files={"/big": b"\0" * 3_000_000}), tmp_path)
    monkeypatch.setattr(dpkg_archive, "MAX_DATA", 1_000_000)
    with pytest.raises(ImageError, match="larger than"):
        read_deb(built.read_bytes(), hashlib.sha256(built.read_bytes()).hexdigest(), "x")
