"""Upgrades with dnf and microdnf: what they print (recorded of dnf 4.23 and microdnf 3.10), and
what is made of it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.inventory.rpm import find as inventory
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, PatchChoices, Upgrade
from careen.oci.tree.rootfs import Rootfs
from careen.patch.distribution.resolving import Step, StepAction
from careen.patch.port import OFFLINE, Ground, Patcher
from careen.patch.rpm import find as dnf
from careen.patch.rpm.locks import locked_by
from careen.patch.rpm.words import (
    argument,
    beside,
    failed_scriptlets,
    read_nevra,
    read_packages,
    read_steps,
    refusal,
)
from careen.patch.sandbox import Sandbox
from tests.support.rpms import package, sqlite_database
from tests.support.told import ToldContainer
from tests.support.trees import Exec, tree

TABLE = """Last metadata expiration check: 0:00:40 ago on Wed Nov 25 23:37:28 2026.
Dependencies resolved.
================================================================================
 Package                                                Arch   Version  Repo
                                                                           Size
================================================================================
Upgrading:
 a-rather-long-package-name-that-wraps-the-table-of-dnf-altogether-and-more
                                                        noarch 1.1-1    t 6.7 k
 ep                                                     noarch 2:1.1-1  t 6.4 k
 foo                                                    noarch 1.2-1    t 6.7 k
Installing dependencies:
 newdep                                                 noarch 2.0-1    t 640

Transaction Summary
================================================================================
Install  1 Package
Upgrade  3 Packages

Operation aborted.
"""
OBSOLETING = """Dependencies resolved.
================================================================================
 Package             Architecture       Version             Repository     Size
================================================================================
Installing:
 openssl             noarch             1.1-1               t             6.5 k
     replacing  openssl-fips-provider.noarch 1.0-1

Transaction Summary
"""
MICRO = """Package                            Repository   Size
Installing:                                         
 newdep-2.0-1.noarch               careen-1   6.6 kB
Upgrading:                                          
 ep-2:1.1-1.noarch                 careen-1   6.5 kB
  replacing ep-2:1.0-1.noarch                       
 foo-1.2-1.noarch                  careen-1   6.8 kB
   replacing foo-1.0-1.noarch                       
Transaction Summary:
 Installing:        1 packages
Operation aborted.
"""  # noqa: W291 — as it is printed
CONFLICT = """Last metadata expiration check: 0:00:40 ago on Wed Nov 25 23:37:28 2026.
Error: 
 Problem: cannot install both strict-1.1-1.noarch from t and strict-1.0-1.noarch from @System
  - package tight-1.0-1.noarch from @System requires strict = 1.0, but none of the providers can be installed
(try to add '--allowerasing' to command line to replace conflicting packages or '--skip-broken' to skip uninstallable packages)
"""  # noqa: W291 — as it is printed
INSTALLED = "foo|0|1.0|1|noarch|\nep|2|1.0|1|noarch|\ngpg-pubkey|0|3e08ce6c|6b07711e|(none)|\n"
UPGRADED = INSTALLED.replace("foo|0|1.0", "foo|0|1.2")
FOO_TABLE = "Upgrading:\n foo noarch 1.2-1 t 6.7 k\n\nTransaction Summary\n"


def image(program: str = "/usr/bin/dnf", **more: str | bytes) -> Rootfs:
    database = sqlite_database(
        [
            package("foo", "1.0", "1", arch="noarch", sourcerpm="foo-1.0-1.src.rpm"),
            package("ep", "1.0", "1", arch="noarch", epoch=2),
        ]
    )
    files: dict[str, str | bytes] = {
        "/var/lib/rpm/rpmdb.sqlite": database,
        "/var/lib/rpm/rpmdb.sqlite-shm": b"shm",
        "/etc/os-release": 'ID="rhel"\n',
    }
    return tree(
        files
        | {program: Exec(b"#!")}
        | {path.replace("__", "/"): content for path, content in more.items()}
    )


def patcher(rootfs: Rootfs, choices: PatchChoices | None = None) -> Patcher:
    (found,) = dnf.find(Ground(rootfs, scan(rootfs, (inventory,)), choices or PatchChoices()))
    return found


def aim(rootfs: Rootfs, name: str, fix: str) -> Aim:
    found = next(each for each in scan(rootfs, (inventory,)).packages.values() if each.name == name)
    return Aim(
        found.purl, name, found.version, Ecosystem.RPM, {f"CVE-{name}": (fix,)}, found.source
    )


def upgrade(rootfs: Rootfs) -> Upgrade:
    wanted = aim(rootfs, "foo", "1.1-1")
    return Upgrade(
        wanted.purl, "foo", Ecosystem.RPM, "1.0-1", "1.2-1", "dnf", "rpm:foo", ("CVE-foo",)
    )


def telling(
    offered: str,
    simulated: str = FOO_TABLE,
    done: tuple[int, str] = (0, "Complete!\n"),
    hidden: str = "",
    states: tuple[str, ...] = (INSTALLED,),
    keys: str = "",
) -> ToldContainer:
    left, trusted = list(states), iter([keys, f"{keys}gpg-pubkey-9-9\n"] + [keys] * 9)

    def rpm(argv: tuple[str, ...]) -> tuple[int, str]:
        if "gpg-pubkey" in argv:
            return 0, next(trusted)
        if "-qa" in argv:
            return 0, left.pop(0) if len(left) > 1 else left[0]
        if "%{_dbpath}" in argv:
            return 0, "/var/lib/rpm\n"
        return 0, "0\n"

    def answer(argv: tuple[str, ...]) -> tuple[int, str]:
        if argv[0] == "rpm":
            return rpm(argv)
        if "repoquery" in argv:
            return 0, (
                hidden
                if any("disable_excludes" in word or "bare.conf" in word for word in argv)
                else offered
            )
        return (1, simulated) if "--assumeno" in argv else done

    return ToldContainer(answer)


def test_the_table_of_dnf_4() -> None:
    installed = {"foo.noarch": "1.0-1", "ep.noarch": "2:1.0-1"}
    steps = read_steps(TABLE, installed)
    assert steps is not None
    assert [
        (step.doing, step.name, step.installed, step.target, step.origin) for step in steps
    ] == [
        (
            StepAction.UPGRADE,
            "a-rather-long-package-name-that-wraps-the-table-of-dnf-altogether-and-more",
            "",
            "1.1-1",
            "t",
        ),
        (StepAction.UPGRADE, "ep", "2:1.0-1", "2:1.1-1", "t"),
        (StepAction.UPGRADE, "foo", "1.0-1", "1.2-1", "t"),
        (StepAction.INSTALL, "newdep", "", "2.0-1", "t"),
    ]


def test_the_table_of_microdnf() -> None:
    steps = read_steps(MICRO, {"foo.noarch": "1.0-1", "ep.noarch": "2:1.0-1"})
    assert steps == (
        Step(StepAction.INSTALL, "newdep.noarch", "newdep", "", "2.0-1", "careen-1"),
        Step(StepAction.UPGRADE, "ep.noarch", "ep", "2:1.0-1", "2:1.1-1", "careen-1"),
        Step(StepAction.UPGRADE, "foo.noarch", "foo", "1.0-1", "1.2-1", "careen-1"),
    )


def test_what_another_package_replaces_is_removed() -> None:
    assert read_steps(OBSOLETING, {"openssl-fips-provider.noarch": "1.0-1"}) == (
        Step(StepAction.INSTALL, "openssl.noarch", "openssl", "", "1.1-1", "t"),
        Step(
            StepAction.REMOVE, "openssl-fips-provider.noarch", "openssl-fips-provider", "1.0-1", ""
        ),
    )


def test_an_architecture_may_change() -> None:
    assert read_steps("Upgrading:\n foo x86_64 2.0-1 t 6 k\n", {"foo.noarch": "1.0-1"}) == (
        Step(StepAction.UPGRADE, "foo.x86_64", "foo", "1.0-1", "2.0-1", "t"),
    )


def test_no_table_no_steps() -> None:
    assert read_steps(CONFLICT, {}) is None
    assert (
        refusal(CONFLICT)
        == "package tight-1.0-1.noarch from @System requires strict = 1.0, but none of the"
        " providers can be installed"
    )
    assert (
        refusal("error: cannot update repo 'x': Status code: 404\n")
        == "error: cannot update repo 'x': Status code: 404"
    )


def test_packages_and_words_for_a_command_line() -> None:
    found = [
        nevra
        for nevra, _ in read_packages(
            "foo|0|1.1|1|noarch|t\n--evil|0|1|1|noarch|t\nep|2|1.1|1|noarch|t\nnoise\n"
        )
    ]
    assert [argument(nevra.key, nevra.evr) for nevra in found] == [
        "foo-0:1.1-1.noarch",
        "ep-2:1.1-1.noarch",
    ]
    assert [read_nevra(text) for text in ("foo-libs-1.1-1.noarch", "ep-2:1.1-1.noarch")] == [
        found[0].__class__("foo-libs", "1.1-1", "noarch"),
        found[1],
    ]


def test_configuration_beside_changed_one() -> None:
    said = (
        "  Upgrading: foo 1/2warning: /etc/foo.conf created as /etc/foo.conf.rpmnew\nwarning:"
        " /etc/x saved as /etc/x.rpmsave\n"
    )
    assert beside(said) == ("/etc/foo.conf.rpmnew", "/etc/x.rpmsave")


def test_failed_scriptlets() -> None:
    said = (
        "warning: %post(bad-1.1-1.noarch) scriptlet failed, exit status 3\n  Upgrading: bad"
        " 1/2Error in POSTIN scriptlet in rpm package bad\n"
    )
    assert failed_scriptlets(said) == (
        "warning: %post(bad-1.1-1.noarch) scriptlet failed, exit status 3",
        "Error in POSTIN scriptlet in rpm package bad",
    )
    assert failed_scriptlets("Running scriptlet: foo-1.2-1.noarch\n") == ()


def test_a_proposal(tmp_path: Path) -> None:
    rootfs = image()
    container = telling(
        "foo|0|1.1|1|noarch|t\nfoo|0|1.2|1|noarch|t\nfoo|0|1.3|1|i686|t\n",
        FOO_TABLE.replace("\n\n", "\nInstalling dependencies:\n new noarch 3:1-1 t 1 k\n\n"),
    )
    found = patcher(rootfs).propose([aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path))
    assert [
        (each.name, each.installed, each.target, each.closes, each.group) for each in found.upgrades
    ] == [
        ("foo", "1.0-1", "1.2-1", ("CVE-foo",), "rpm:foo"),
        ("new", "", "3:1-1", (), "rpm:foo"),
    ]
    assert found.upgrades[1].purl == "pkg:rpm/redhat/new@1-1?arch=noarch&distro=rhel&epoch=3"
    words = next(argv for argv in container.asked if "--assumeno" in argv)
    assert words[-1] == "foo-0:1.2-1.noarch"
    assert {
        "--setopt=*.gpgcheck=1",
        "--setopt=install_weak_deps=False",
        "--setopt=best=True",
        "--setopt=logdir=/.careen-sandbox/dnf/log",
    } <= set(words)


def test_what_the_image_holds_back_is_said_with_its_line(tmp_path: Path) -> None:
    rootfs = image(**{"__etc__dnf__dnf.conf": "[main]\nexcludepkgs = kernel* fo?\n"})
    container = telling("", hidden="foo|0|1.2|1|noarch|t\n")
    found = patcher(rootfs).propose([aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path))
    assert [(each.barrier, each.detail) for each in found.blocked] == [
        (BlockReason.HELD, "/etc/dnf/dnf.conf: excludepkgs = kernel* fo? does not allow 1.2-1")
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("__etc__dnf__plugins__versionlock.list", "foo-0:1.0-1.*"),
        ("__etc__dnf__versionlock.toml", 'name = "foo"'),
        ("__etc__yum.repos.d__x.repo", "exclude=foo"),
    ],
)
def test_locks(path: str, line: str) -> None:
    assert (
        locked_by(image(**{path: f"# x\n{line}\n"}), "foo") == f"{path.replace('__', '/')}: {line}"
    )
    assert locked_by(image(**{path: f"{line}\n"}), "bar") == "an exclude or lock of the image"


def test_microdnf_is_asked_in_its_own_words(tmp_path: Path) -> None:
    rootfs = image("/usr/bin/microdnf")
    found = patcher(rootfs)
    container = telling("foo-1.2-1.noarch\n", FOO_TABLE)
    proposed = found.propose([aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path))
    assert (found.name, [each.target for each in proposed.upgrades]) == ("microdnf", ["1.2-1"])
    assert not any(
        "persistdir" in word or "logdir" in word for argv in container.asked for word in argv
    )


def test_applied_versions_are_read_back_and_nothing_else_is_left(tmp_path: Path) -> None:
    rootfs = image()
    container = telling("", states=(INSTALLED, UPGRADED), keys="gpg-pubkey-1-1\n")
    done = patcher(rootfs).apply([upgrade(rootfs)], Sandbox(container, tmp_path))
    assert done.versions == {"dnf:foo": "1.2-1"}
    assert [(each.entry.path, each.content) for each in done.placed] == [
        ("/var/lib/rpm/rpmdb.sqlite-shm", b"shm")
    ]
    assert set(done.removed) == {
        "/var/cache/ldconfig/aux-cache",
        "/var/lib/rpm/.rpm.lock",
        "/var/lib/rpm/rpmdb.sqlite-wal",
    }
    assert ("rpm", "-e", "--allmatches", "gpg-pubkey-9-9") in container.asked
    assert ("rpm", "--verifydb") in container.asked


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        (lambda: telling("", CONFLICT), "package tight.* requires strict = 1.0.*plan again"),
        (
            lambda: telling("", FOO_TABLE.replace("\n\n", "\n more noarch 1-1 t 1 k\n\n")),
            "it would also upgrade more 1-1, which was not planned",
        ),
        (
            lambda: telling(
                "", done=(0, "warning: %post(foo-1.2-1.noarch) scriptlet failed, exit status 3\n")
            ),
            "%post.* failed.*--exclude",
        ),
        (
            lambda: telling(
                "",
                done=(1, "Package foo-1.2-1.noarch.rpm is not signed\nError: GPG check FAILED\n"),
            ),
            "is not signed; .*--source-key",
        ),
        (
            lambda: telling(
                "", done=(1, "Error: Error downloading packages:\n  foo: Cannot download\n")
            ),
            "Cannot download; .*--source",
        ),
        (
            lambda: telling("", states=(INSTALLED, UPGRADED.replace("ep|2|1.0|1|noarch|\n", ""))),
            r"not what was planned: ep 2:1\.0-1",
        ),
        (lambda: telling("", states=(INSTALLED, INSTALLED)), "not what was planned: foo"),
    ],
)
def test_anything_but_the_plan_is_an_error(
    tmp_path: Path, container: Callable[[], ToldContainer], problem: str
) -> None:
    rootfs = image()
    with pytest.raises(ToolError, match=problem):
        patcher(rootfs).apply([upgrade(rootfs)], Sandbox(container(), tmp_path))


def test_a_source_without_a_key_says_what_to_do(tmp_path: Path) -> None:
    rootfs = image()
    with pytest.raises(
        InputError,
        match=r"--source: the image trusts no key.*name the repository's with --source-key",
    ):
        patcher(rootfs, PatchChoices(sources=("https://mirror.example/os",))).propose(
            [aim(rootfs, "foo", "1.1-1")], Sandbox(telling(""), tmp_path)
        )


def test_named_keys_are_the_programs_to_import(tmp_path: Path) -> None:
    key = tmp_path / "mine.asc"
    key.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    rootfs = image(**{"__etc__pki__rpm-gpg__KEY": "key"})
    container = telling("foo|0|1.2|1|noarch|t\n")
    patcher(rootfs, PatchChoices(keys=(str(key),))).propose(
        [aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path)
    )
    assert (
        "--setopt=*.gpgkey=file:///etc/pki/rpm-gpg/KEY,file:///.careen-sandbox/keys/0.asc"
        in container.asked[0]
    )
    key.write_text("no key")
    with pytest.raises(InputError, match="expected an OpenPGP public key in ASCII armour"):
        patcher(rootfs, PatchChoices(keys=(str(key),))).propose(
            [aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path)
        )


def test_sources_take_the_place_of_the_images(tmp_path: Path) -> None:
    rootfs = image(**{"__etc__pki__rpm-gpg__KEY": "key"})
    container = telling("foo|0|1.2|1|noarch|careen-1\n")
    patcher(rootfs, PatchChoices(sources=("https://mirror.example/os",))).propose(
        [aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path)
    )
    assert (
        (tmp_path / "dnf/repos/careen.repo").read_text()
        == "[careen-1]\nname=source 1\nbaseurl=https://mirror.example/os\nenabled=1\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/KEY\n"
    )
    assert all(
        "--setopt=reposdir=/.careen-sandbox/dnf/repos" in argv
        for argv in container.asked
        if argv[0] == "/usr/bin/dnf"
    )


def test_an_image_without_dnf_needs_a_tooling_image(tmp_path: Path) -> None:
    rootfs = image("/usr/bin/true")
    found = patcher(rootfs).propose([aim(rootfs, "foo", "1.1-1")], Sandbox(telling(""), tmp_path))
    assert [(each.barrier, "--tooling" in each.detail) for each in found.blocked] == [
        (BlockReason.NO_MEANS, True)
    ]


def test_microdnf_gets_named_keys_from_rpm_and_keeps_none(tmp_path: Path) -> None:
    key = tmp_path / "mine.asc"
    key.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    rootfs = image("/usr/bin/microdnf")
    container = telling("", states=(INSTALLED, UPGRADED))
    patcher(rootfs, PatchChoices(keys=(str(key),))).apply(
        [upgrade(rootfs)], Sandbox(container, tmp_path)
    )
    imported = container.asked.index(("rpm", "--import", "/.careen-sandbox/keys/0.asc"))
    worked = next(number for number, argv in enumerate(container.asked) if "-y" in argv)
    gone = container.asked.index(("rpm", "-e", "--allmatches", "gpg-pubkey-9-9"))
    assert imported < worked < gone


def test_without_a_network_nothing_is_asked_of_the_images_repositories(tmp_path: Path) -> None:
    rootfs, container = image(), telling("")
    found = patcher(rootfs, PatchChoices(online=False)).propose(
        [aim(rootfs, "foo", "1.1-1")], Sandbox(container, tmp_path)
    )
    assert [(each.barrier, each.detail) for each in found.blocked] == [
        (BlockReason.NO_MEANS, OFFLINE)
    ]
    assert (found.upgrades, container.asked) == ((), [])
