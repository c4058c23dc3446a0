"""Upgrading Debian packages of an image without apt: a tooling image's apt answers, careen places
the files.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, PatchChoices, Upgrade
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.dpkg.patcher import DpkgDirect, find
from careen.patch.port import Ground, Proposal
from careen.patch.sandbox import Sandbox
from tests.support.told import ToldContainer
from tests.support.told_apt import SUITE, URI, Offered, ToldApt
from tests.support.trees import Exec, tree

STATUS = """\
Package: libx
Status: install ok installed
Architecture: amd64
Source: xsrc
Version: 1.0
Description: test

Package: tool
Status: install ok installed
Architecture: amd64
Version: 1.0
Depends: libx (>= 1.0)
Description: test
"""
FILES: Mapping[str, str | bytes] = {
    "/etc/os-release": 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
    "/var/lib/dpkg/status": STATUS,
    "/var/lib/dpkg/info/libx.list": "/.\n/usr\n/usr/lib\n/usr/lib/libx.so.1\n",
    "/var/lib/dpkg/info/tool.list": "/.\n/usr\n/usr/bin\n/usr/bin/tool\n",
    "/usr/lib/libx.so.1": b"one",
    "/usr/bin/tool": Exec(b"tool one"),
}
LIBX = Offered("libx", "1.1", {"/usr/lib/libx.so.1": b"two"})
TOOL = Offered("tool", "1.1", {"/usr/bin/tool": b"tool two"}, "Depends: libx (>= 1.1)\n")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path


def patcher(
    files: Mapping[str, str | bytes] = FILES, choices: PatchChoices | None = None
) -> DpkgDirect:
    rootfs: Rootfs = tree(files)
    ground = Ground(rootfs, scan(rootfs), choices or PatchChoices(tooling="debian:13"))
    (found,) = find(ground)
    assert isinstance(found, DpkgDirect)
    return found


def aim(found: DpkgDirect, name: str, **fixes: str) -> Aim:
    packages = found._ground.inventory.packages.values()
    package = next(each for each in packages if each.name == name)
    return Aim(
        package.purl,
        name,
        package.version,
        Ecosystem.DEB,
        {finding: (version,) for finding, version in fixes.items()},
    )


def sandbox(tooling: ToldApt) -> Sandbox:
    def nothing(argv: tuple[str, ...]) -> tuple[int | None, str]:
        raise AssertionError(argv)  # nothing of the image runs

    return Sandbox(ToldContainer(nothing), tooling.scratch, tooling=tooling.container)


def proposed(tooling: ToldApt, found: DpkgDirect, *aims: Aim) -> Proposal:
    return found.propose(aims, sandbox(tooling))


def steps(proposal: Proposal) -> dict[str, str]:
    return {each.name: f"{each.installed}->{each.target}" for each in proposal.upgrades}


def blocked(proposal: Proposal) -> list[tuple[str, BlockReason, str]]:
    return [(each.name, each.barrier, each.detail) for each in proposal.blocked]


def test_an_upgrade_pulls_what_its_new_version_needs(scratch: Path) -> None:
    found = patcher()
    proposal = proposed(ToldApt(scratch, LIBX, TOOL), found, aim(found, "tool", CVE_1="1.1"))
    assert steps(proposal) == {"libx": "1.0->1.1", "tool": "1.0->1.1"}
    assert proposal.blocked == ()
    by_name = {each.name: each for each in proposal.upgrades}
    assert by_name["tool"].closes == ("CVE_1",)
    assert by_name["libx"].pulled_by == (by_name["tool"].purl,)
    assert by_name["libx"].group == by_name["tool"].group
    assert by_name["tool"].origin == SUITE
    assert by_name["tool"].sha256 == hashlib.sha256(TOOL.deb()).hexdigest()


def test_files_and_records_of_the_new_versions_are_placed(scratch: Path) -> None:
    found = patcher()
    tooling = ToldApt(scratch, LIBX, TOOL)
    proposal = proposed(tooling, found, aim(found, "tool", CVE_1="1.1"))
    applied = found.apply(proposal.upgrades, sandbox(tooling))
    placed = {str(each.entry.path): each.content for each in applied.placed}
    assert placed["/usr/bin/tool"] == b"tool two"
    assert placed["/usr/lib/libx.so.1"] == b"two"
    assert b"Version: 1.1" in placed["/var/lib/dpkg/status"]
    assert b"Version: 1.0" not in placed["/var/lib/dpkg/status"]
    assert b"Status: install ok installed" in placed["/var/lib/dpkg/status"]
    assert applied.versions == {"dpkg:libx": "1.1", "dpkg:tool": "1.1"}
    assert applied.removed == ()


def test_a_file_that_moved_to_another_package_is_not_removed(scratch: Path) -> None:
    files = {
        **FILES,
        "/var/lib/dpkg/info/libx.list": "/usr/lib/libx.so.1\n/usr/bin/tool\n/usr/share/old\n",
        "/usr/share/old": "old",
    }
    found = patcher(files)
    tooling = ToldApt(scratch, LIBX)
    proposal = proposed(tooling, found, aim(found, "libx", CVE_1="1.1"))
    applied = found.apply(proposal.upgrades, sandbox(tooling))
    assert applied.removed == ("/usr/share/old",)


def test_an_offer_that_changed_since_the_plan_is_refused(scratch: Path) -> None:
    found = patcher()
    tooling = ToldApt(scratch, LIBX, TOOL)
    proposal = proposed(tooling, found, aim(found, "tool", CVE_1="1.1"))
    tooling.offered = [LIBX, replace(TOOL, files={"/usr/bin/tool": b"another build"})]
    with pytest.raises(ToolError, match=r"tool 1\.1 is not on offer any more as it was planned"):
        found.apply(proposal.upgrades, sandbox(tooling))
    tooling.offered = [LIBX]
    with pytest.raises(ToolError, match="is not on offer any more"):
        found.apply(proposal.upgrades, sandbox(tooling))


FOREIGN = STATUS + (
    "\nPackage: libx\nStatus: install ok installed\nArchitecture: i386\nVersion: 1.0\n"
    "Multi-Arch: same\nDescription: test\n"
)


def test_one_package_of_two_architectures_gets_its_own_file_each(scratch: Path) -> None:
    files = {
        **FILES,
        "/var/lib/dpkg/status": FOREIGN,
        "/var/lib/dpkg/info/libx:i386.list": "/usr/lib/i386/libx.so.1\n",
        "/usr/lib/i386/libx.so.1": b"one of i386",
    }
    found = patcher(files)
    other = replace(LIBX, architecture="i386", files={"/usr/lib/i386/libx.so.1": b"two of i386"})
    tooling = ToldApt(scratch, LIBX, other)
    packages = found._ground.inventory.packages.values()
    aims = [
        replace(aim(found, "libx", CVE_1="1.1"), purl=each.purl)
        for each in packages
        if each.name == "libx"
    ]
    proposal = proposed(tooling, found, *aims)
    assert len(proposal.upgrades) == 2
    applied = found.apply(proposal.upgrades, sandbox(tooling))
    placed = {str(each.entry.path): each.content for each in applied.placed}
    assert placed["/usr/lib/libx.so.1"] == b"two"
    assert placed["/usr/lib/i386/libx.so.1"] == b"two of i386"
    assert applied.versions == {"dpkg:libx": "1.1", "dpkg:libx:i386": "1.1"}


BLOCKED: dict[str, tuple[Offered, str, BlockReason, str]] = {
    "nothing newer": (
        replace(LIBX, version="1.0"),
        STATUS,
        BlockReason.UNAVAILABLE,
        "",
    ),
    "held": (
        LIBX,
        STATUS.replace("install ok", "hold ok", 1),
        BlockReason.HELD,
        "the image holds libx at 1.0 (apt-mark showhold)",
    ),
    "not installed for dpkg": (
        LIBX,
        STATUS.replace("install ok installed", "deinstall ok config-files", 1),
        BlockReason.NO_MEANS,
        "dpkg does not have it as installed",
    ),
    "needs what is not there": (
        replace(LIBX, more="Depends: nowhere\n"),
        STATUS,
        BlockReason.PINNED,
        "to 1.1: ",
    ),
    "another FIPS build": (
        LIBX,
        STATUS.replace("Version: 1.0", "Version: 1.0+fips1", 1),
        BlockReason.FIPS,
        "which is no FIPS build as 1.0+fips1 is",
    ),
    "scripts that matter": (
        replace(LIBX, scripts={"postinst": "#!/bin/sh\nuseradd x\n"}),
        STATUS,
        BlockReason.NO_MEANS,
        "to 1.1: libx 1.1 cannot be installed without running its scripts",
    ),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_cannot_be_upgraded_stays_with_the_reason(name: str, scratch: Path) -> None:
    offered, status, barrier, detail = BLOCKED[name]
    found = patcher({**FILES, "/var/lib/dpkg/status": status})
    named = [each for each in found._ground.inventory.packages.values() if each.name == "libx"]
    wanted = (
        aim(found, "libx", CVE_1="1.1")
        if named
        else Aim(
            "pkg:deb/debian/libx@1.0?arch=amd64", "libx", "1.0", Ecosystem.DEB, {"CVE_1": ("1.1",)}
        )
    )
    proposal = proposed(ToldApt(scratch, offered), found, wanted)
    assert proposal.upgrades == ()
    ((who, why, words),) = blocked(proposal)
    assert (who, why) == ("libx", barrier)
    assert detail in words


def test_a_held_package_that_would_be_pulled_along_blocks_the_other(scratch: Path) -> None:
    found = patcher({**FILES, "/var/lib/dpkg/status": STATUS.replace("install ok", "hold ok", 1)})
    proposal = proposed(ToldApt(scratch, LIBX, TOOL), found, aim(found, "tool", CVE_1="1.1"))
    assert blocked(proposal) == [
        (
            "tool",
            BlockReason.HELD,
            "to 1.1: it would change libx, which the image holds at 1.0",
        )
    ]


def test_a_refused_package_does_not_keep_the_others(scratch: Path) -> None:
    found = patcher()
    bad = replace(TOOL, more="Depends: nowhere\n")
    proposal = proposed(
        ToldApt(scratch, LIBX, bad),
        found,
        aim(found, "tool", CVE_1="1.1"),
        aim(found, "libx", CVE_2="1.1"),
    )
    assert steps(proposal) == {"libx": "1.0->1.1"}
    assert [(name, why) for name, why, _ in blocked(proposal)] == [("tool", BlockReason.PINNED)]


REFUSED: dict[str, tuple[Mapping[str, str | bytes], str]] = {
    "slices of chisel": (
        {**FILES, "/var/lib/chisel/manifest.wall": b""},
        "which only chisel writes",
    ),
    "no release": (
        {key: value for key, value in FILES.items() if key != "/etc/os-release"},
        "does not say of which release it is",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_image_that_cannot_be_patched_says_why(name: str, scratch: Path) -> None:
    files, detail = REFUSED[name]
    found = patcher(files)
    proposal = proposed(ToldApt(scratch, LIBX), found, aim(found, "libx", CVE_1="1.1"))
    ((_, barrier, words),) = blocked(proposal)
    assert barrier is BlockReason.NO_MEANS
    assert detail in words


def test_without_a_tooling_image_it_says_what_to_name(scratch: Path) -> None:
    found = patcher()
    bare = replace(sandbox(ToldApt(scratch)), tooling=None)
    proposal = found.propose([aim(found, "libx", CVE_1="1.1")], bare)
    ((_, barrier, words),) = blocked(proposal)
    assert barrier is BlockReason.NO_MEANS
    assert words.startswith("the image has no ")
    assert "--tooling" in words


@pytest.mark.parametrize(
    ("uri", "online", "detail"),
    [
        ("", True, "names no signed package sources; name some with --source"),
        (URI, False, "--offline forbids it"),
    ],
)
def test_an_archive_that_cannot_be_asked_is_named(
    uri: str, online: bool, detail: str, scratch: Path
) -> None:
    found = patcher(choices=PatchChoices(tooling="debian:13", online=online))
    tooling = ToldApt(scratch, LIBX)
    tooling.uri = uri
    ((_, barrier, words),) = blocked(proposed(tooling, found, aim(found, "libx", CVE_1="1.1")))
    assert barrier is BlockReason.NO_MEANS
    assert detail in words


@pytest.mark.parametrize(
    ("release", "architecture", "expected"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "amd64", "is debian 12, and the image is debian 13"),
        ("", "amd64", "is ?, and the image is debian 13"),
        ('ID=debian\nVERSION_ID="13"\n', "arm64", "is for arm64, and the image for amd64"),
        ('ID=debian\nVERSION_ID="13"\n', "", "is for no architecture that dpkg tells"),
    ],
)
def test_a_tooling_image_of_another_kind_is_refused(
    release: str, architecture: str, expected: str, scratch: Path
) -> None:
    found = patcher()
    tooling = ToldApt(scratch, LIBX)
    tooling.release, tooling.architecture = release, architecture
    with pytest.raises(InputError) as caught:
        proposed(tooling, found, aim(found, "libx", CVE_1="1.1"))
    assert str(caught.value).startswith("--tooling 'debian:13' ")
    assert expected in str(caught.value)


def test_scripts_and_left_out_files_are_noted(scratch: Path) -> None:
    """A hardened image lacks a file of the old version, so it does not get that of the new one."""
    both = {**LIBX.files, "/usr/share/libx/data": b"new"}
    new = replace(LIBX, files=both, scripts={"postinst": "#!/bin/sh\nset -e\nldconfig\n"})
    tooling = ToldApt(scratch, replace(LIBX, version="1.0", files=both), new)
    found = patcher()
    proposal = proposed(tooling, found, aim(found, "libx", CVE_1="1.1"))
    applied = found.apply(proposal.upgrades, sandbox(tooling))
    assert "/usr/share/libx/data" not in {each.entry.path for each in applied.placed}
    assert applied.notes == (
        "maintainer scripts were not run, as there is nothing to run them with: libx",
        "left out of the new versions, as the image did not have it: /usr/share/libx/data",
    )


def test_an_image_with_apt_is_left_to_apt() -> None:
    programs = (
        "/bin/sh /usr/bin/apt-get /usr/bin/apt-cache /usr/bin/dpkg /usr/bin/dpkg-query"
        " /usr/bin/dpkg-deb /bin/tar /bin/rm /usr/bin/diff /sbin/ldconfig /sbin/start-stop-daemon"
        " /usr/bin/sqv /usr/lib/apt/methods/http"
    )
    rootfs = tree({**FILES, **{path: Exec(b"x") for path in programs.split()}})
    assert find(Ground(rootfs, scan(rootfs), PatchChoices())) == ()


def test_a_file_of_the_image_is_claimed_only_for_deb_packages() -> None:
    found = patcher()
    wanted = aim(found, "libx", CVE_1="1.1")
    assert found.claims(wanted)
    assert not found.claims(replace(wanted, ecosystem=Ecosystem.APK))


def test_versions_that_are_not_read_back_are_an_error(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the record in the image could not be changed."""
    found = patcher()
    tooling = ToldApt(scratch, LIBX)
    proposal = proposed(tooling, found, aim(found, "libx", CVE_1="1.1"))
    monkeypatch.setattr(
        "careen.patch.deb.dpkg.patcher.paragraph_of", lambda *_: b"Package: libx\nVersion: 0\n"
    )
    with pytest.raises(ToolError, match=r"reading the versions back: libx is .*, expected 1\.1"):
        found.apply(proposal.upgrades, sandbox(tooling))


def upgrade(found: DpkgDirect) -> Upgrade:
    wanted = aim(found, "libx", CVE_1="1.1")
    return Upgrade(wanted.purl, "libx", Ecosystem.DEB, "1.0", "1.1", "dpkg", "dpkg libx")


def test_a_plan_without_a_digest_takes_the_version_on_offer(scratch: Path) -> None:
    found = patcher()
    applied = found.apply([upgrade(found)], sandbox(ToldApt(scratch, LIBX)))
    assert applied.versions == {"dpkg:libx": "1.1"}
