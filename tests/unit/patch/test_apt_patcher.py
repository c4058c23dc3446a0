"""Upgrading Debian packages with the image's own apt, which answers here as the test tells it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, PatchChoices
from careen.patch.deb.apt.inplace import POLICY, InPlace, remove_conffile_copies
from careen.patch.deb.apt.patcher import Apt, find
from careen.patch.port import Ground, Proposal
from careen.patch.sandbox import Sandbox
from tests.support.told_apt import SUITE, Offered, ToldApt
from tests.support.trees import Exec, Link, tree

PROGRAMS = [
    "/bin/sh",
    "/usr/bin/apt-get",
    "/usr/bin/apt-cache",
    "/usr/bin/dpkg",
    "/usr/bin/dpkg-query",
    "/usr/bin/dpkg-deb",
    "/bin/tar",
    "/bin/rm",
    "/usr/bin/diff",
    "/sbin/ldconfig",
    "/sbin/start-stop-daemon",
    "/usr/bin/sqv",
    "/usr/lib/apt/methods/http",
]


def paragraph(name: str, version: str, more: str = "") -> str:
    return (
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion:"
        f" {version}\n{more}Description: test\n\n"
    )


STATUS = paragraph("libx", "1.0") + paragraph("tool", "1.0") + paragraph("other", "1.0")
FILES: Mapping[str, str | bytes] = {
    "/etc/os-release": 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
    "/var/lib/dpkg/status": STATUS,
    **{path: Exec(b"x") for path in PROGRAMS},
}
LIBX = Offered("libx", "1.1", {})
TOOL = Offered("tool", "1.1", {})
OTHER = Offered("other", "1.1", {})


def patcher(status: str = STATUS, choices: PatchChoices | None = None) -> Apt:
    rootfs = tree({**FILES, "/var/lib/dpkg/status": status})
    (found,) = find(Ground(rootfs, scan(rootfs), choices or PatchChoices()))
    assert isinstance(found, Apt)
    return found


def apt(tmp_path: Path, *offered: Offered) -> ToldApt:
    told = ToldApt(tmp_path, *offered)
    told.installed = {"libx": "1.0", "tool": "1.0", "other": "1.0"}
    return told


def aim(name: str, version: str = "1.0", **fixes: str) -> Aim:
    purl = f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-13"
    found = fixes or {"CVE_1": "1.1"}
    return Aim(purl, name, version, Ecosystem.DEB, {key: (value,) for key, value in found.items()})


def box(told: ToldApt) -> Sandbox:
    return Sandbox(told.container, told.scratch)


def steps(proposal: Proposal) -> dict[str, str]:
    return {each.name: f"{each.installed}->{each.target}" for each in proposal.upgrades}


def stays(proposal: Proposal) -> list[tuple[str, BlockReason, str]]:
    return [(each.name, each.barrier, each.detail) for each in proposal.blocked]


def test_what_apt_pulls_along_is_part_of_the_plan(tmp_path: Path) -> None:
    told = apt(tmp_path, LIBX, TOOL, Offered("fresh", "3.0", {}))
    told.pulls = {"tool": ["libx", "fresh"]}
    proposal = patcher().propose([aim("tool")], box(told))
    assert steps(proposal) == {"fresh": "->3.0", "libx": "1.0->1.1", "tool": "1.0->1.1"}
    assert proposal.blocked == ()
    by_name = {each.name: each for each in proposal.upgrades}
    assert by_name["tool"].closes == ("CVE_1",)
    assert by_name["tool"].origin == SUITE
    assert by_name["fresh"].purl.startswith("pkg:deb/debian/fresh@3.0?arch=amd64")


PROBLEM = """\
The following packages have unmet dependencies:
 tool : Depends: nowhere but it is not installable
E: Unable to correct problems, you have held broken packages.
"""
BLOCKED: dict[str, tuple[dict[str, str], dict[str, str], str, BlockReason, str]] = {
    "unmet dependency": (
        {"tool": PROBLEM},
        {},
        STATUS,
        BlockReason.PINNED,
        "to 1.1: tool: Depends: nowhere but it is not installable",
    ),
    "removal": (
        {},
        {"tool": "other"},
        STATUS,
        BlockReason.PINNED,
        "to 1.1: it would remove other 1.0",
    ),
    "another package pins it": (
        {"tool": PROBLEM},
        {},
        STATUS + paragraph("strict", "1.0", "Depends: tool (= 1.0)\n"),
        BlockReason.PINNED,
        "(strict 1.0: Depends: tool (= 1.0))",
    ),
    "another package breaks it": (
        {"tool": PROBLEM},
        {},
        STATUS + paragraph("strict", "1.0", "Breaks: tool (>> 1.0)\n"),
        BlockReason.PINNED,
        "(strict 1.0 conflicts with tool (>> 1.0))",
    ),
    "held by the image": (
        {},
        {},
        STATUS.replace("Package: tool\nStatus: install ok", "Package: tool\nStatus: hold ok"),
        BlockReason.HELD,
        "the image holds tool at 1.0 (apt-mark showhold)",
    ),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_apt_does_not_take_stays_and_the_rest_goes_on(name: str, tmp_path: Path) -> None:
    problems, removes, status, barrier, detail = BLOCKED[name]
    told = apt(tmp_path, LIBX, TOOL, OTHER)
    told.problems, told.removes = problems, removes
    proposal = patcher(status).propose(
        [aim("libx"), aim("tool", CVE_2="1.1"), aim("other", CVE_3="1.1")], box(told)
    )
    assert steps(proposal) == {"libx": "1.0->1.1", "other": "1.0->1.1"}
    ((who, why, words),) = stays(proposal)
    assert (who, why) == ("tool", barrier)
    assert detail in words


def test_a_held_package_is_not_changed_by_another(tmp_path: Path) -> None:
    status = STATUS.replace("install ok", "hold ok", 1)
    told = apt(tmp_path, LIBX, TOOL)
    told.pulls = {"tool": ["libx"]}
    proposal = patcher(status).propose([aim("tool")], box(told))
    assert stays(proposal) == [
        (
            "tool",
            BlockReason.HELD,
            "to 1.1: it would change libx, which the image holds at 1.0",
        )
    ]


@pytest.mark.parametrize(
    ("old", "barrier", "detail"),
    [
        ("2.0", BlockReason.PINNED, "it would take libx back from 2.0 to 1.1"),
        ("1.0+fips1", BlockReason.FIPS, "in the place of the FIPS build 1.0+fips1"),
    ],
)
def test_no_package_goes_back_or_loses_its_certified_build(
    old: str, barrier: BlockReason, detail: str, tmp_path: Path
) -> None:
    told = apt(tmp_path, LIBX, TOOL)
    told.pulls = {"tool": ["libx"]}
    status = STATUS.replace("Version: 1.0", f"Version: {old}", 1)
    ((_, why, words),) = stays(patcher(status).propose([aim("tool")], box(told)))
    assert why is barrier
    assert detail in words


def test_an_image_whose_own_packages_are_broken_is_left_alone(tmp_path: Path) -> None:
    told = apt(tmp_path, LIBX, TOOL)
    told.problems = {"libx": PROBLEM, "tool": PROBLEM}
    told.said = {
        ("apt-get", "check"): (
            100,
            "The following packages have unmet dependencies:\n mail : Depends: mta\n",
        ),
    }
    proposal = patcher().propose([aim("libx"), aim("tool", CVE_2="1.1")], box(told))
    assert [(name, why) for name, why, _ in stays(proposal)] == [
        ("libx", BlockReason.NO_MEANS),
        ("tool", BlockReason.NO_MEANS),
    ]
    assert all(
        "the image's own packages are not in order" in words for *_, words in stays(proposal)
    )
    assert all("mail: Depends: mta" in words for *_, words in stays(proposal))
    simulations = [argv for argv in told.container.asked if "-s" in argv]
    assert len(simulations) == 1  # apt would say the same each time


@pytest.mark.parametrize(
    ("uri", "architecture", "online", "detail"),
    [
        ("", "amd64", True, "names no signed package sources; name some with --source"),
        ("http://m.example/d", "amd64", False, "--offline forbids it"),
        ("http://m.example/d", "", True, "dpkg does not run in the image"),
    ],
)
def test_an_image_that_cannot_be_asked_says_why(
    uri: str, architecture: str, online: bool, detail: str, tmp_path: Path
) -> None:
    told = apt(tmp_path, TOOL)
    told.uri, told.architecture = uri, architecture
    proposal = patcher(choices=PatchChoices(online=online)).propose([aim("tool")], box(told))
    ((_, why, words),) = stays(proposal)
    assert why is BlockReason.NO_MEANS
    assert detail in words


def test_a_local_archive_needs_no_network(tmp_path: Path) -> None:
    told = apt(tmp_path, TOOL)
    told.uri = "file:/srv/archive"
    proposal = patcher(choices=PatchChoices(online=False)).propose([aim("tool")], box(told))
    assert steps(proposal) == {"tool": "1.0->1.1"}


def test_versions_are_installed_and_read_back(tmp_path: Path) -> None:
    told = apt(tmp_path, LIBX, TOOL)
    told.pulls = {"tool": ["libx"]}
    found, sandbox = patcher(), box(told)
    proposal = found.propose([aim("tool")], sandbox)
    told.container.asked.clear()
    applied = found.apply(proposal.upgrades, sandbox)
    assert not [argv for argv in told.container.asked if "-s" in argv]
    assert applied.versions == {"apt:libx": "1.1", "apt:tool": "1.1"}
    (install,) = [argv for argv in told.container.asked if "install" in argv and "-s" not in argv]
    assert {"--no-remove", "--no-install-recommends", "-y"} <= set(install)
    assert sorted(install[install.index("--") + 1 :]) == ["libx=1.1", "tool=1.1"]


def test_a_plan_of_another_day_is_simulated_again(tmp_path: Path) -> None:
    told = apt(tmp_path, LIBX, TOOL)
    told.pulls = {"tool": ["libx"]}
    upgrades = patcher().propose([aim("tool")], box(told)).upgrades
    told.container.asked.clear()
    assert patcher().apply(upgrades, box(told)).versions == {"apt:libx": "1.1", "apt:tool": "1.1"}
    assert [argv for argv in told.container.asked if "-s" in argv]


CHANGED: dict[str, tuple[dict[str, list[str]], dict[str, str], str]] = {
    "another package comes along": (
        {"tool": ["libx", "other"]},
        {},
        "what it would do is not what was planned (other 1.1): the mirror has changed; plan again",
    ),
    "a removal": ({"tool": ["libx"]}, {"tool": "other"}, "it would remove other 1.0; plan again"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_plan_that_apt_would_do_otherwise_is_refused(name: str, tmp_path: Path) -> None:
    pulls, removes, message = CHANGED[name]
    told = apt(tmp_path, LIBX, TOOL, OTHER)
    told.pulls = {"tool": ["libx"]}
    upgrades = patcher().propose([aim("tool")], box(told)).upgrades
    told.pulls, told.removes = pulls, removes
    with pytest.raises(ToolError) as caught:
        patcher().apply(upgrades, box(told))
    assert message in str(caught.value)
    assert told.installed["tool"] == "1.0"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((0, "The following packages are only half configured:\n tool\n"), "half configured"),
        ((2, ""), "dpkg --audit ended with 2"),
    ],
)
def test_a_state_that_dpkg_complains_about_is_an_error(
    said: tuple[int, str], message: str, tmp_path: Path
) -> None:
    told = apt(tmp_path, TOOL)
    found = patcher()
    upgrades = found.propose([aim("tool")], box(told)).upgrades
    told.said = {("dpkg", "--audit"): said}
    with pytest.raises(ToolError, match="checking dpkg's state after the upgrade: ") as caught:
        found.apply(upgrades, box(told))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("output", "there"),
    [
        ("", "not installed"),
        ("tool\tamd64\t1.0\tinstalled\n", "1.0"),
        ("tool\tamd64\t1.1\thalf-configured\n", "not installed"),
        ("tool 1.1 installed\n", "not installed"),
    ],
)
def test_a_version_that_is_not_there_afterwards_is_an_error(
    output: str, there: str, tmp_path: Path
) -> None:
    told = apt(tmp_path, TOOL)
    found = patcher()
    upgrades = found.propose([aim("tool")], box(told)).upgrades
    told.said = {("dpkg-query", "-W"): (0, output)}
    with pytest.raises(ToolError) as caught:
        found.apply(upgrades, box(told))
    assert str(caught.value) == f"reading the versions back: tool is {there}, expected 1.1"


def test_a_failed_installation_gives_the_words_of_the_script(tmp_path: Path) -> None:
    told = apt(tmp_path, TOOL)
    found, sandbox = patcher(), box(told)
    upgrades = found.propose([aim("tool")], sandbox).upgrades
    told.problems = {
        "tool": "Setting up tool (1.1) ...\nno space left\n"
        "dpkg: error processing package tool (--configure):\n"
        " installed tool package post-installation script subprocess returned error exit status 1\n"
    }
    with pytest.raises(ToolError, match="installing upgrades with apt: ") as caught:
        found.apply(upgrades, sandbox)
    assert "tool" in str(caught.value)
    assert "no space left" in str(caught.value)


# Around the installation: services must not start, and what apt leaves behind goes.


def scripts(files: Mapping[str, str | bytes], tmp_path: Path, *, policy: int = 0) -> list[str]:
    """Return the two scripts that run before and after an upgrade, "" for none before."""
    told = apt(tmp_path)
    told.said = {(str(POLICY), "any"): (policy, "")}
    ran: list[str] = []
    answer = told.container.answer

    def watched(argv: tuple[str, ...]) -> tuple[int | None, str]:
        if argv[0] == "sh":
            ran.append((tmp_path / "apt" / "steps.sh").read_text())
        return answer(argv)

    told.container.answer = watched
    found = box(told)
    found.directory("apt")
    with InPlace(tree(files), found, "apt", new=(("fresh", "amd64"),)):
        before = [*ran]
    return [before[0] if before else "", ran[-1]]


def test_services_are_forbidden_to_start_and_allowed_again(tmp_path: Path) -> None:
    before, after = scripts({}, tmp_path)
    assert f"chmod 755 {POLICY}" in before
    assert (tmp_path / "apt" / "policy-rc.d").read_text() == "#!/bin/sh\nexit 101\n"
    assert f"rm -f {POLICY}\n" in after
    assert before.startswith("set -e\n")


def test_an_image_that_forbids_them_already_keeps_its_own(tmp_path: Path) -> None:
    own = {str(POLICY): Exec(b"#!/bin/sh\nexit 101\n")}
    before, after = scripts(own, tmp_path, policy=101)
    assert before == ""
    assert str(POLICY) not in after


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"#!/bin/sh\nexit 0\n", 0),
        (b"#!/bin/sh\nexit 101\n", 126),  # its interpreter is not there
        (b'#!/bin/sh\n[ "$2" = start ] && exit 101\nexit 0\n', 101),  # it depends on the action
    ],
)
def test_a_policy_that_does_not_forbid_all_is_set_aside_and_put_back(
    content: bytes, status: int, tmp_path: Path
) -> None:
    before, after = scripts({str(POLICY): Exec(content)}, tmp_path, policy=status)
    aside = f"{POLICY}.careen-set-aside"
    assert f"mv {POLICY} {aside}" in before
    assert f"mv {aside} {POLICY}" in after


def test_files_that_every_run_changes_are_restored_or_removed(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/var/log/dpkg.log": "old log",
        "/var/log/alternatives.log": Link("/dev/null"),
        "/var/lib/dpkg/status-old": "kept",
    }
    _, after = scripts(files, tmp_path)
    assert (tmp_path / "apt" / "kept-1").read_text() == "old log"
    assert "> /var/log/dpkg.log" in after
    assert "alternatives.log" not in after
    assert "rm -f /var/log/fontconfig.log\n" in after
    assert "status-old" not in after
    assert "rm -rf /var/lib/dpkg/lock\n" in after


def test_new_packages_are_marked_as_installed_for_others(tmp_path: Path) -> None:
    old = "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\n"
    scripts({"/var/lib/apt/extended_states": old}, tmp_path)
    text = (tmp_path / "apt" / "extended_states").read_text()
    assert text.startswith(old.strip())
    assert "Package: fresh\nArchitecture: amd64\nAuto-Installed: 1\n" in text


def test_the_first_of_two_errors_is_raised(tmp_path: Path) -> None:
    told = apt(tmp_path)
    found = box(told)
    found.directory("apt")

    def failing(argv: tuple[str, ...]) -> tuple[int | None, str]:
        return (1, "cannot") if argv[0] == "sh" else (0, "")

    def upgrade(error: Exception | None) -> None:
        told.container.answer = lambda _: (0, "")
        with InPlace(tree({}), found, "apt", new=()):
            told.container.answer = failing
            if error is not None:
                raise error

    with pytest.raises(ToolError, match="the upgrade failed"):
        upgrade(ToolError("the upgrade failed"))
    with pytest.raises(ToolError, match="putting the image in order after the upgrade"):
        upgrade(None)


def test_new_defaults_beside_changed_configuration_are_removed_and_told(tmp_path: Path) -> None:
    told = apt(tmp_path)
    told.said = {
        ("find", "/etc"): (
            0,
            """\
/etc/a.conf.dpkg-dist
/etc/b.conf.dpkg-old
/etc/c.conf.ucf-dist
/etc/old.conf.dpkg-dist
/srv/x.dpkg-dist
/etc/plain
find: /etc/ssl: denied
""",
        )
    }
    rootfs = tree({"/etc/old.conf.dpkg-dist": "from an earlier upgrade"})
    assert remove_conffile_copies(rootfs, box(told)) == ("/etc/a.conf", "/etc/c.conf")
    (removed,) = [argv for argv in told.container.asked if argv[0] == "rm"]
    assert removed[removed.index("--") + 1 :] == (
        "/etc/a.conf.dpkg-dist",
        "/etc/b.conf.dpkg-old",
        "/etc/c.conf.ucf-dist",
    )


@pytest.mark.parametrize(
    "missing", ["/usr/bin/apt-get", "/usr/lib/apt/methods/http", "/usr/bin/sqv"]
)
def test_an_image_without_a_part_of_apt_is_not_patched_by_it(missing: str) -> None:
    rootfs = tree({path: value for path, value in FILES.items() if path != missing})
    assert find(Ground(rootfs, scan(rootfs), PatchChoices())) == ()
    if missing == "/usr/bin/sqv":  # either verifier will do
        rootfs = tree(
            {**{p: v for p, v in FILES.items() if p != missing}, "/usr/bin/gpgv": Exec(b"x")}
        )
        assert len(find(Ground(rootfs, scan(rootfs), PatchChoices()))) == 1


def test_an_offer_that_apt_cannot_describe_is_an_error(tmp_path: Path) -> None:
    told = apt(tmp_path, TOOL, replace(LIBX, architecture="i386"))
    told.pulls = {"tool": ["libx:i386"]}
    with pytest.raises(ToolError, match="says nothing about it"):
        patcher().propose([aim("tool")], box(told))
