"""apt on a root made of this machine's own, from a signed archive that the test makes: what it
proposes, what it leaves behind, what goes wrong.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.model.patching import BlockReason, PatchChoices
from careen.patch.deb.apt import patcher as apt
from careen.patch.deb.dpkg import patcher as dpkg_direct
from tests.support.apt_scene import OLD, Scene, aims, copy_root, ground, sandbox, scene

pytestmark = pytest.mark.apt

ALL = tuple(deb.name for deb in OLD)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("apt")) as found:
        yield found


@pytest.fixture
def root(made: Scene, tmp_path: Path) -> Path:
    return copy_root(made.root, tmp_path / "root")


def different(before: Path, after: Path) -> set[str]:
    """Return what differs between two roots, below the second."""
    argv = [
        "diff",
        "-rq",
        "--no-dereference",
        "-x",
        ".careen-sandbox",
        "-x",
        "dev",
        str(before),
        str(after),
    ]
    # the test's own diff
    lines = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()  # noqa: TID251
    out = set()
    for line in lines:
        if line.startswith("Only in "):
            place, _, name = line.removeprefix("Only in ").partition(": ")
            out.add(f"{place}/{name}".removeprefix(str(before)).removeprefix(str(after)))
        else:
            out.add(line.split()[-2].removeprefix(str(after)))
    return out


def test_holds_pins_conflicts_and_what_others_require_are_heeded_and_the_rest_is_done_without_a_trace(
    made: Scene, root: Path
) -> None:
    here = ground(root, made.choices())
    (patcher,) = apt.find(here)
    assert dpkg_direct.find(here) == ()
    where = sandbox(root)
    proposal = patcher.propose(aims(here, ALL), where)
    blocked = {each.name: (each.barrier, each.detail) for each in proposal.blocked}
    assert blocked == {
        "kept": (BlockReason.HELD, "the image holds kept at 1.0 (apt-mark showhold)"),
        "pin": (
            BlockReason.PINNED,
            "fixed in 1.1; the image's preferences of apt keep pin at 1.0: 1.1 has priority -1",
        ),
        "lib": (
            BlockReason.PINNED,
            "to 1.1: it would remove strict 1.0 (strict 1.0: Depends: lib (= 1.0))",
        ),
        "bar": (BlockReason.PINNED, "to 1.1: it would remove baz 1.0 (bar 1.1 conflicts with baz)"),
        "strict": (BlockReason.UNAVAILABLE, "fixed in 1.1; nothing newer than 1.0 is on offer"),
        "baz": (BlockReason.UNAVAILABLE, "fixed in 1.1; nothing newer than 1.0 is on offer"),
    }
    groups = {each.name: each.group for each in proposal.upgrades}
    together = "apt extra+foo+foo-src"
    assert groups == {
        "bad": "apt bad",
        "plain": "apt plain",
        "foo": together,
        "libfoo": together,
        "extra": together,
    }
    extra = next(each for each in proposal.upgrades if each.name == "extra")
    assert (extra.installed, extra.target, extra.origin) == ("", "2", f"{made.uri} test/main")
    assert len(extra.pulled_by) == 1
    assert all(len(each.sha256) == 64 for each in proposal.upgrades)
    assert different(made.root, root) <= {"/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend"}

    done = patcher.apply([each for each in proposal.upgrades if each.group == together], where)
    assert done.versions == {"apt:extra": "2", "apt:foo": "1.1", "apt:libfoo": "1.1"}
    assert done.notes == (
        (
            "/etc/foo.conf is not as its package brought it, and stays so; the new version's is not"
            " taken"
        ),
    )
    assert (root / "var/lib/policy-said").read_text() == "101\n"
    assert (root / "etc/foo.conf").read_text() == "a=mine\n"
    (root / "var/lib/policy-said").unlink()
    info = {
        f"/var/lib/dpkg/info/{name}"
        for name in (
            "extra.list",
            "extra.md5sums",
            "foo.md5sums",
            "foo.postinst",
            "libfoo.list",
            "libfoo.md5sums",
        )
    }
    files = {
        "/usr/bin/foo",
        "/usr/lib/libfoo.so.1",
        "/usr/lib/libfoo.so.1.0",
        "/usr/lib/libfoo.so.1.1",
    }
    databases = {"/var/lib/dpkg/status", "/var/lib/dpkg/status-old", "/var/lib/apt/extended_states"}
    assert different(made.root, root) - {"/usr/lib/differ", "differ"} <= files | info | databases
    before, after = (
        (place / "var/lib/apt/extended_states").read_text() for place in (made.root, root)
    )
    assert after == f"{before}Package: extra\nArchitecture: all\nAuto-Installed: 1\n\n"


def test_a_failing_script_is_told_with_its_words_and_policies_of_the_image_come_back(
    made: Scene, root: Path
) -> None:
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    policy.chmod(0o755)
    here = ground(root, made.choices())
    (patcher,) = apt.find(here)
    where = sandbox(root)
    upgrades = patcher.propose(aims(here, ["bad"]), where).upgrades
    with pytest.raises(
        ToolError,
        match=(
            r"bad: .*exit status 3 after it said: starting the migration \| cannot reach the thing;"
            r" leave it .* --exclude bad"
        ),
    ):
        patcher.apply(upgrades, where)
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert not list((root / "usr/sbin").glob("policy-rc.d?*"))


def test_a_mirror_that_cannot_be_trusted_is_an_error_with_its_name(made: Scene, root: Path) -> None:
    base = made.choices()

    def refused(choices: PatchChoices = base) -> str:
        where = sandbox(root)
        subprocess.check_call(["rm", "-rf", str(where.scratch)])
        here = ground(root, base)
        where = sandbox(root)
        (patcher,) = apt.find(replace(here, choices=choices))
        with pytest.raises(ToolError) as caught:
            patcher.propose(aims(here, ["foo"]), where)
        assert made.uri in str(caught.value)
        return str(caught.value)

    assert "--source-key" in refused(replace(base, keys=(str(made.other_key),)))
    assert "--source-key" in refused(replace(base, keys=()))
    assert "check URI and suite" in refused(made.choices(suite="nosuch"))
    try:
        made.sign(days=-3)
        assert "is expired" in refused()
        made.sign(signed=False)
        assert "is not signed" in refused()
        made.sign()
        index = next(made.archive.rglob("Packages"))
        index.write_bytes(index.read_bytes().replace(b"1.1", b"9.9"))
        assert "not what its signed index says" in refused()
        (made.archive / "dists/test/InRelease").write_text("<html>please log in</html>")
        assert "login page" in refused()
    finally:
        made.sign()


def test_sources_that_ask_for_less_than_a_signature_are_refused(made: Scene, root: Path) -> None:
    here = ground(root, made.choices(options="[trusted=yes]"))
    with pytest.raises(InputError, match="trusted=yes"):
        apt.find(here)[0].propose(aims(here, ["foo"]), sandbox(root))


def test_an_image_without_sources_or_network_says_so(made: Scene, root: Path) -> None:
    here = ground(root, replace(made.choices(), sources=()))
    (blocked,) = apt.find(here)[0].propose(aims(here, ["foo"]), sandbox(root)).blocked
    assert (blocked.barrier, "--source" in blocked.detail) == (BlockReason.NO_MEANS, True)
    here = ground(root, replace(made.choices(), online=False))
    (blocked,) = apt.find(here)[0].propose(aims(here, ["foo"]), sandbox(root)).blocked
    assert (blocked.barrier, "network" in blocked.detail) == (BlockReason.NO_MEANS, True)


def test_an_image_whose_own_packages_do_not_hold_together_says_so(made: Scene, root: Path) -> None:
    subprocess.check_call(
        ["chroot", str(root), "dpkg", "--force-depends", "--remove", "libfoo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    here = ground(root, made.choices())
    proposal = apt.find(here)[0].propose(aims(here, ["plain", "kept"]), sandbox(root))
    assert proposal.upgrades == ()
    assert {each.name: each.barrier for each in proposal.blocked} == {
        "plain": BlockReason.NO_MEANS,
        "kept": BlockReason.HELD,
    }
    detail = next(each.detail for each in proposal.blocked if each.name == "plain")
    assert "not in order" in detail
    assert "foo: Depends: libfoo (>= 1.0)" in detail


def without_apt(made: Scene, to: Path) -> Path:
    """Make an image of the scene's packages alone, as hardening leaves it: /usr/lib/plain/b is gone
    from disk and records.
    """
    for name in ("var/lib/dpkg", "usr/lib/plain", "etc", "usr/share/doc/foo"):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        subprocess.check_call(["cp", "-a", str(made.root / name), str(to / name)])
    (to / "usr/bin").mkdir()
    for name in (
        "usr/bin/foo",
        "usr/lib/libfoo.so.1",
        "usr/lib/libfoo.so.1.0",
        "usr/lib/os-release",
    ):
        subprocess.check_call(["cp", "-a", str(made.root / name), str(to / name)])
    (to / "usr/lib/plain/b").unlink()
    for suffix, drop in ((".list", "/usr/lib/plain/b"), (".md5sums", "usr/lib/plain/b")):
        record = to / f"var/lib/dpkg/info/plain{suffix}"
        record.write_text(
            "".join(
                line
                for line in record.read_text().splitlines(keepends=True)
                if not line.rstrip().endswith(drop)
            )
        )
    return to


def test_an_image_without_apt_is_patched_through_a_tooling_image(
    made: Scene, root: Path, tmp_path: Path
) -> None:
    target = without_apt(made, tmp_path / "target")
    here = ground(target, replace(made.choices(), tooling="debian"))
    assert apt.find(here) == ()
    (patcher,) = dpkg_direct.find(here)
    asked = aims(here, ["foo", "libfoo", "plain", "bad", "lib", "kept"])
    alone = patcher.propose(asked, sandbox(root))
    assert {each.barrier for each in alone.blocked} == {BlockReason.NO_MEANS}
    assert "--tooling" in alone.blocked[0].detail
    where = sandbox(root)
    where = replace(where, tooling=where.container)
    proposal = patcher.propose(asked, where)
    blocked = {each.name: (each.barrier, each.detail) for each in proposal.blocked}
    assert blocked["foo"][0] is BlockReason.NO_MEANS
    assert "calls /usr/sbin/policy-rc.d" in blocked["foo"][1]
    assert blocked["lib"] == (BlockReason.PINNED, "to 1.1: strict 1.0: Depends: lib (= 1.0)")
    assert blocked["kept"][0] is BlockReason.HELD
    assert set(blocked) == {"foo", "lib", "kept"}
    chosen = [each for each in proposal.upgrades if each.name in ("libfoo", "plain")]
    done = patcher.apply(chosen, where)
    assert done.versions == {"dpkg:libfoo": "1.1", "dpkg:plain": "1.1"}
    for each in done.placed:
        place = target / each.entry.path.lstrip("/")
        if each.entry.is_symlink:
            place.unlink(missing_ok=True)
            place.symlink_to(each.entry.target)
        elif each.entry.is_dir:
            place.mkdir()
        else:
            place.write_bytes(each.content)
    for path in done.removed:
        (target / path.lstrip("/")).unlink()
    assert (target / "usr/lib/libfoo.so.1").read_text() == "1.1"
    assert not (target / "usr/lib/libfoo.so.1.0").exists()
    assert (target / "usr/lib/plain/a").read_text() == "a2"
    assert not (target / "usr/lib/plain/b").exists()
    assert not (target / "usr/lib/plain/old").exists()
    judged = ["dpkg", f"--root={target}", "--force-not-root"]
    assert subprocess.check_output([*judged, "--verify", "libfoo", "plain"], text=True) == ""
    assert subprocess.check_output([*judged, "--audit"], text=True) == ""
    form = [
        "dpkg-query",
        f"--admindir={target}/var/lib/dpkg",
        "-W",
        "-f=${Package} ${Version} ${Status}\\n",
        "libfoo",
        "plain",
    ]
    assert subprocess.check_output(form, text=True).splitlines() == [
        "libfoo 1.1 install ok installed",
        "plain 1.1 install ok installed",
    ]
    fresh = ground(target, here.choices)
    assert not [
        each.reason
        for each in fresh.inventory.unknowns
        if "libfoo" in each.reason or "plain" in each.reason
    ]


def test_a_tooling_image_of_another_release_is_refused(
    made: Scene, root: Path, tmp_path: Path
) -> None:
    target = without_apt(made, tmp_path / "target")
    (target / "etc/os-release").unlink()
    (target / "etc/os-release").write_text("ID=debian\nVERSION_ID=3.1\n")
    here = ground(target, replace(made.choices(), tooling="debian"))
    where = sandbox(root)
    with pytest.raises(
        InputError, match=r"is .*, and the image is debian 3\.1: name an image of the same release"
    ):
        dpkg_direct.find(here)[0].propose(
            aims(here, ["plain"]), replace(where, tooling=where.container)
        )
