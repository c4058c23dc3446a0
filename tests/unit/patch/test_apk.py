"""Upgrades with apk: what it prints (recorded of 2.14 and 3.0, which print the same), and what is
made of it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.inventory.apk import find as inventory
from careen.inventory.scan import scan
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, PatchChoices, Upgrade
from careen.oci.tree.rootfs import Rootfs
from careen.patch.apk import find as apk
from careen.patch.apk.pins import admits
from careen.patch.apk.words import read_policy, read_steps, read_world, refusal
from careen.patch.distribution.resolving import Step, StepAction
from careen.patch.port import OFFLINE, Ground, Patcher
from careen.patch.sandbox import Sandbox
from tests.support.told import ToldContainer
from tests.support.trees import Exec, tree

POLICY = """foo policy:
  1.0-r0:
    lib/apk/db/installed
  1.1-r0:
    https://user:secret@mirror.example/main
  1.2-r0:
    https://user:secret@mirror.example/main
  1.3-r0:
    @edge https://mirror.example/edge
pinned policy:
  1.0-r0:
    lib/apk/db/installed
  1.1-r0:
    https://mirror.example/main
"""
CONFLICT = """WARNING: opening /x: No such file or directory
ERROR: unable to select packages:
  strict-1.1-r0:
    breaks: tight-1.0-r0[strict=1.0-r0]
    satisfies: world[strict=1.1-r0]
"""
STEPS = """( 1/4) Installing newdep (2.0-r0)
(2/4) Upgrading foo (1.0-r0 -> 1.2-r0)
(3/4) Purging old (1.0-r0)
(4/4) Downgrading libz (2.0-r0 -> 1.0-r0)
OK: 67.8 MiB in 69 packages
"""
WORLD = "bar\nfoo\npinned=1.0-r0\nalpine-base>3\n"
INSTALLED = "".join(
    f"P:{name}\nV:1.0-r0\nA:x86_64\no:{name}\n\n" for name in ("foo", "pinned", "old")
)


def image(**more: str) -> Rootfs:
    files: dict[str, str | bytes] = {
        "/lib/apk/db/installed": INSTALLED,
        "/etc/apk/world": WORLD,
        "/sbin/apk": Exec(b"\x7fELF"),
        "/etc/os-release": "ID=alpine\nVERSION_ID=3.23\n",
    }
    return tree(files | {path.replace("_", "/"): text for path, text in more.items()})


def patcher(rootfs: Rootfs, choices: PatchChoices | None = None) -> Patcher:
    (found,) = apk.find(Ground(rootfs, scan(rootfs, (inventory,)), choices or PatchChoices()))
    return found


def aim(name: str, fix: str) -> Aim:
    return Aim(
        f"pkg:apk/alpine/{name}@1.0-r0?arch=x86_64&distro=alpine-3.23",
        name,
        "1.0-r0",
        Ecosystem.APK,
        {f"CVE-{name}": (fix,)},
        f"{name}@1.0-r0",
    )


def upgrade(name: str, target: str) -> Upgrade:
    return Upgrade(
        aim(name, target).purl,
        name,
        Ecosystem.APK,
        "1.0-r0",
        target,
        "apk",
        f"apk:{name}",
        ("CVE-1",),
    )


def telling(
    simulated: Callable[[list[str]], tuple[int, str]],
    update: tuple[int, str] = (0, "OK\n"),
    infos: tuple[str, ...] = (),
) -> ToldContainer:
    states = iter(infos)

    def answer(argv: tuple[str, ...]) -> tuple[int, str]:
        if "--version" in argv:
            return 0, "apk-tools 3.0.8-r0, compiled for x86_64.\n"
        if "update" in argv:
            return update
        if "policy" in argv:
            return 0, POLICY
        if "info" in argv:
            return 0, next(states)
        if argv[0] == "find":
            return 0, "/etc/foo.conf.apk-new\n"
        return simulated([word for word in argv[argv.index("add") + 1 :] if "=" in word])

    return ToldContainer(answer)


def upgraded(words: list[str]) -> tuple[int, str]:
    return 0, "".join(
        f"(1/1) Upgrading {word.partition('=')[0]} (1.0-r0 -> {word.partition('=')[2]})\n"
        for word in words
    )


def test_candidates_without_those_of_tagged_repositories() -> None:
    assert [offer.version for offer in read_policy(POLICY)["foo"]] == ["1.0-r0", "1.1-r0", "1.2-r0"]
    assert read_policy("-x policy:\n  1.0:\n    somewhere\n") == {}


def test_steps() -> None:
    assert read_steps(STEPS) == (
        Step(StepAction.INSTALL, "newdep", "newdep", "", "2.0-r0"),
        Step(StepAction.UPGRADE, "foo", "foo", "1.0-r0", "1.2-r0"),
        Step(StepAction.REMOVE, "old", "old", "1.0-r0", ""),
        Step(StepAction.OTHER, "libz", "libz", "2.0-r0", "1.0-r0"),
    )


def test_a_refusal_in_apks_words() -> None:
    assert refusal(CONFLICT) == "strict-1.1-r0 breaks: tight-1.0-r0[strict=1.0-r0]"


@pytest.mark.parametrize(
    ("pin", "allowed", "forbidden"),
    [
        ("foo=1.2-r0", "1.2-r0", "1.2-r1"),
        ("foo<2", "1.9-r3", "2.0-r0"),
        ("foo>1", "1.1-r0", "0.9-r0"),
        ("foo~1.1", "1.1.5-r0", "1.12-r0"),
        ("foo=~1.1", "1.1-r9", "1.2-r0"),
    ],
)
def test_what_the_world_file_allows(pin: str, allowed: str, forbidden: str) -> None:
    assert read_world(f"bar {pin}") == {"foo": pin}
    assert admits(pin, allowed)
    assert not admits(pin, forbidden)
    assert not admits("foo@edge", allowed)


def test_a_proposal_with_what_is_pulled_along_and_what_is_pinned(tmp_path: Path) -> None:
    container = telling(
        lambda words: (0, "(1/2) Installing newdep (2.0-r0)\n" + upgraded(words)[1])
    )
    found = patcher(image()).propose(
        [aim("foo", "1.1-r0"), aim("pinned", "1.1-r0")], Sandbox(container, tmp_path)
    )
    assert [
        (each.name, each.installed, each.target, each.closes, each.group, each.origin)
        for each in found.upgrades
    ] == [
        ("foo", "1.0-r0", "1.2-r0", ("CVE-foo",), "apk:foo", "https://mirror.example/main"),
        ("newdep", "", "2.0-r0", (), "apk:foo", ""),
    ]
    assert found.upgrades[1].purl == "pkg:apk/alpine/newdep@2.0-r0?arch=x86_64&distro=alpine-3.23"
    assert found.upgrades[1].pulled_by == (aim("foo", "").purl,)
    assert [(each.name, each.barrier, each.detail) for each in found.blocked] == [
        ("pinned", BlockReason.PINNED, "/etc/apk/world: pinned=1.0-r0 does not allow 1.1-r0")
    ]
    assert not any("--allow-untrusted" in argv for argv in container.asked)


def test_a_conflict_is_blocked_with_its_reason(tmp_path: Path) -> None:
    found = patcher(image()).propose(
        [aim("foo", "1.1-r0")], Sandbox(telling(lambda _: (1, CONFLICT)), tmp_path)
    )
    assert found.upgrades == ()
    assert [(each.barrier, each.detail) for each in found.blocked] == [
        (
            BlockReason.PINNED,
            "1.2-r0 would fix it: strict-1.1-r0 breaks: tight-1.0-r0[strict=1.0-r0]",
        )
    ]


def test_what_nothing_needs_is_asked_to_stay(tmp_path: Path) -> None:
    def simulated(words: list[str]) -> tuple[int, str]:
        return 0, upgraded(["foo=1.2-r0"])[1] + (
            "" if "old=1.0-r0" in words else "(2/2) Purging old (1.0-r0)\n"
        )

    found = patcher(image()).propose([aim("foo", "1.1-r0")], Sandbox(telling(simulated), tmp_path))
    assert [each.name for each in found.upgrades] == ["foo"]


@pytest.mark.parametrize(
    ("said", "todo"),
    [
        (
            (
                "WARNING: opening https://user:secret@h/x86_64/APKINDEX.tar.gz: UNTRUSTED"
                " signature\nOK: 68 packages\n"
            ),
            "--source-key",
        ),
        (
            (
                "WARNING: updating and opening https://user:secret@h/APKINDEX.tar.gz: HTTP 404: Not"
                " Found\n1 unavailable\n"
            ),
            "--source",
        ),
    ],
)
def test_a_source_that_fails_is_an_error_without_credentials(
    tmp_path: Path, said: str, todo: str
) -> None:
    with pytest.raises(ToolError, match=todo) as caught:
        patcher(image()).propose(
            [aim("foo", "1.1-r0")], Sandbox(telling(upgraded, update=(0, said)), tmp_path)
        )
    assert "secret" not in str(caught.value)


def test_applied_versions_are_read_back_and_the_world_file_comes_back(tmp_path: Path) -> None:
    rootfs = image()
    container = telling(upgraded, infos=("foo-1.0-r0\nold-1.0-r0\n", "foo-1.2-r0\nold-1.0-r0\n"))
    done = patcher(rootfs).apply([upgrade("foo", "1.2-r0")], Sandbox(container, tmp_path))
    assert done.versions == {"apk:foo": "1.2-r0"}
    assert [(each.entry.path, each.content) for each in done.placed] == [
        ("/etc/apk/world", WORLD.encode())
    ]
    assert done.removed == ("/lib/apk/db/lock",)
    assert done.notes == (
        (
            "the image's configuration is kept; the packages' new files are next to it: "
            "/etc/foo.conf.apk-new"
        ),
    )
    assert "--no-logfile" in container.asked[-2]


def test_anything_but_the_plan_is_an_error(tmp_path: Path) -> None:
    more = telling(
        lambda words: (0, "(1/2) Installing newdep (2.0-r0)\n" + upgraded(words)[1]),
        infos=("foo-1.0-r0\n",),
    )
    with pytest.raises(
        ToolError, match=r"it would also install newdep 2\.0-r0, which was not planned"
    ):
        patcher(image()).apply([upgrade("foo", "1.2-r0")], Sandbox(more, tmp_path))
    other = telling(upgraded, infos=("foo-1.0-r0\nold-1.0-r0\n", "foo-1.2-r0\n"))
    with pytest.raises(ToolError, match=r"not what was planned: old-1\.0-r0"):
        patcher(image()).apply([upgrade("foo", "1.2-r0")], Sandbox(other, tmp_path))


def test_a_failing_script_is_named(tmp_path: Path) -> None:
    def simulated(words: list[str]) -> tuple[int, str]:
        simulated.calls = getattr(simulated, "calls", 0) + 1  # type: ignore[attr-defined]
        failing = simulated.calls > 1  # type: ignore[attr-defined]
        return (
            int(failing),
            upgraded(words)[1]
            + "ERROR: lib/apk/exec/foo-1.2-r0.post-upgrade: exited with error 3\n" * failing,
        )

    with pytest.raises(
        ToolError,
        match=(
            r"foo-1\.2-r0\.post-upgrade: exited with error 3; leave that package out with --exclude"
        ),
    ):
        patcher(image()).apply(
            [upgrade("foo", "1.2-r0")],
            Sandbox(telling(simulated, infos=("foo-1.0-r0\n",)), tmp_path),
        )


def test_named_keys_lie_beside_the_images_own(tmp_path: Path) -> None:
    key = tmp_path / "mine.rsa.pub"
    key.write_text("-----BEGIN PUBLIC KEY-----\n")
    rootfs = image(_etc_apk_keys_own="own")
    choices = PatchChoices(sources=("https://mirror.example/main",), keys=(str(key),))
    patcher(rootfs, choices).propose([aim("foo", "1.1-r0")], Sandbox(telling(upgraded), tmp_path))
    assert sorted(path.name for path in (tmp_path / "apk/keys").iterdir()) == [
        "mine.rsa.pub",
        "own",
    ]
    assert (tmp_path / "apk/repositories").read_text() == "https://mirror.example/main\n"


def test_a_key_must_not_take_the_place_of_the_images(tmp_path: Path) -> None:
    key = tmp_path / "keys" / "own"
    key.parent.mkdir()
    key.write_text("-----BEGIN PUBLIC KEY-----\n")
    with pytest.raises(InputError, match="the image trusts another key of that name"):
        patcher(image(_etc_apk_keys_own="own"), PatchChoices(keys=(str(key),))).propose(
            [aim("foo", "1.1-r0")], Sandbox(telling(upgraded), tmp_path)
        )


def test_an_image_without_apk_needs_a_tooling_image(tmp_path: Path) -> None:
    rootfs = tree({"/lib/apk/db/installed": INSTALLED})
    found = patcher(rootfs).propose([aim("foo", "1.1-r0")], Sandbox(telling(upgraded), tmp_path))
    assert [(each.barrier, "--tooling" in each.detail) for each in found.blocked] == [
        (BlockReason.NO_MEANS, True)
    ]


def test_no_apk_packages_no_patcher() -> None:
    rootfs = tree({"/etc/os-release": "ID=debian\n"})
    assert apk.find(Ground(rootfs, scan(rootfs, (inventory,)), PatchChoices())) == ()


def test_a_link_in_the_sandbox_leads_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (tmp_path / "sandbox/apk").mkdir(parents=True)
    (tmp_path / "sandbox/apk/repositories").symlink_to(outside)
    choices = PatchChoices(sources=("https://mirror.example/main",))
    patcher(image(), choices).propose(
        [aim("foo", "1.1-r0")], Sandbox(telling(upgraded), tmp_path / "sandbox")
    )
    assert outside.read_text() == "mine"
    assert (tmp_path / "sandbox/apk/repositories").read_text() == "https://mirror.example/main\n"


@pytest.mark.parametrize(
    ("own", "given", "asked"),
    [
        ("https://mirror.example/main\n", (), False),
        ("# https://mirror.example/main\n/opt/packages\n", (), True),
        ("@edge https://mirror.example/edge\n", (), False),
        ("https://mirror.example/main\n", ("/opt/packages",), True),
        ("/opt/packages\n", ("https://mirror.example/main",), False),
    ],
)
def test_without_a_network_directories_alone_are_asked(
    tmp_path: Path, own: str, given: tuple[str, ...], asked: bool
) -> None:
    container = telling(upgraded)
    found = patcher(
        image(_etc_apk_repositories=own), PatchChoices(online=False, sources=given)
    ).propose([aim("foo", "1.1-r0")], Sandbox(container, tmp_path))
    assert bool(found.upgrades) is asked
    assert [(each.barrier, each.detail) for each in found.blocked] == (
        [] if asked else [(BlockReason.NO_MEANS, OFFLINE)]
    )
    assert bool(container.asked) is asked
