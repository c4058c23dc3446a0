"""Upgrading Python distributions, with the real uv and a real virtual environment, against a local
index or none.
"""

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

import pip
import pytest

from careen.errors import ToolError
from careen.model.patching import BlockReason, PatchChoices, Reach
from careen.model.paths import ImagePath
from careen.patch.port import Proposal
from careen.patch.python import index as python_index
from careen.patch.python.ask_pip import Pip
from careen.patch.python.resolver import resolver_for
from careen.patch.python.sources import sources_of
from tests.support.python_envs import VERSION, Dummy, Server, site
from tests.support.trees import tree

pytestmark = pytest.mark.slow

OLD = Dummy("alpha", "1.0", scripts=("alpha", "alpha-old"))
NEW = Dummy("alpha", "1.1", scripts=("alpha", "alpha-new"))


def said(proposal: Proposal) -> dict[str, str]:
    return {upgrade.name: f"{upgrade.installed}->{upgrade.target}" for upgrade in proposal.upgrades}


def stays(proposal: Proposal) -> list[tuple[str, BlockReason, str]]:
    return [(blocked.name, blocked.barrier, blocked.detail) for blocked in proposal.blocked]


def house(tmp_path: Path, *dists: Dummy) -> PatchChoices:
    """Choices with a wheel house and no index."""
    folder = tmp_path / "house"
    folder.mkdir()
    for dist in dists:
        (folder / dist.filename).write_bytes(dist.wheel())
    return PatchChoices(find_links=(str(folder),), no_index=True)


def test_an_upgrade_is_installed_as_the_environment_has_its_files(tmp_path: Path) -> None:
    with site(tmp_path, [OLD], house(tmp_path, NEW), installer="poetry 1.8") as held:
        packages = held.top / "lib" / f"python{VERSION}" / "site-packages"
        (packages / "alpha-1.0.dist-info" / "METADATA").chmod(0o640)
        before = (held.top / "bin" / "alpha").read_bytes()
    with site(
        tmp_path / "again", [OLD], held.patcher.ground.choices, installer="poetry 1.8"
    ) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
        applied = held.patcher.apply(proposal.upgrades, held.sandbox)
        packages = held.top / "lib" / f"python{VERSION}" / "site-packages"
        script = (held.top / "bin" / "alpha-new").read_text().splitlines()
        record = held.read("alpha-1.1.dist-info/RECORD").splitlines()
        compiled = list(packages.rglob("*.pyc"))
        ran = subprocess.check_output([held.top / "bin" / "alpha-new"], text=True)
    (upgrade,) = proposal.upgrades
    assert (upgrade.installed, upgrade.target, upgrade.closes, upgrade.sha256) == (
        "1.0",
        "1.1",
        ("cve",),
        hashlib.sha256(NEW.wheel()).hexdigest(),
    )
    assert applied.versions == {f"python {held.top}:alpha": "1.1"}
    assert held.read("alpha-1.1.dist-info/INSTALLER") == "poetry 1.8\n"
    assert not (packages / "alpha-1.0.dist-info").exists()
    assert not (held.top / "bin" / "alpha-old").exists()
    assert (held.top / "bin" / "alpha").read_bytes().replace(
        b"/again", b""
    ) == before  # it calls what it called
    assert script[0] == f"#!{held.top}/bin/python"
    assert ran == "1.1\n"
    assert not compiled  # there was none
    assert record[-1] == "alpha-1.1.dist-info/RECORD,,"
    for row in record[:-1]:
        path, digest, size = row.rsplit(",", 2)
        assert digest.startswith("sha256=")
        assert (packages / path).stat().st_size == int(size)
    assert int((packages / "alpha" / "__init__.py").stat().st_mtime) == 1700000000


def test_a_version_is_told_as_its_metadata_writes_it(tmp_path: Path) -> None:
    with site(tmp_path, [OLD], house(tmp_path, Dummy("alpha", "1.1.4", written="1.1.04"))) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
        applied = held.patcher.apply(proposal.upgrades, held.sandbox)
    assert (
        [upgrade.target for upgrade in proposal.upgrades]
        == list(applied.versions.values())
        == ["1.1.04"]
    )


def test_byte_code_comes_where_it_was_and_names_its_source_by_digest(tmp_path: Path) -> None:
    compiled = {f"alpha/__pycache__/__init__.cpython-{VERSION.replace('.', '')}.pyc": b"old"}
    with site(tmp_path, [replace(OLD, extra=compiled)], house(tmp_path, NEW)) as held:
        held.patcher.apply(
            held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).upgrades,
            held.sandbox,
        )
        (cached,) = (held.top / "lib").rglob("*.pyc")
        data = cached.read_bytes()
    assert cached.name == f"__init__.cpython-{VERSION.replace('.', '')}.pyc"
    assert int.from_bytes(data[4:8], "little") == 0b11  # hash-based, checked
    assert "alpha/__pycache__" in held.read("alpha-1.1.dist-info/RECORD")


@pytest.mark.parametrize(
    ("reach", "major", "target"),
    [
        (Reach.MINIMAL, False, "1.1"),
        (Reach.SECURITY, False, "1.1.5"),
        (Reach.LATEST, False, "1.4"),
        (Reach.LATEST, True, "2.0"),
    ],
)
def test_how_far_it_goes(tmp_path: Path, reach: Reach, major: bool, target: str) -> None:
    versions = ("1.0.9", "1.1", "1.1.5", "1.4", "1.5rc1", "2.0")
    choices = replace(
        house(tmp_path, *(Dummy("alpha", version) for version in versions)),
        reach=reach,
        allow_major=major,
    )
    with site(tmp_path, [OLD], choices) as held:
        assert said(held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)) == {
            "alpha": f"1.0->{target}"
        }


def test_an_installed_requirement_pins(tmp_path: Path) -> None:
    with site(tmp_path, [OLD, Dummy("beta", "3.0", ("alpha<1.1",))], house(tmp_path, NEW)) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
    assert not proposal.upgrades
    assert stays(proposal) == [
        ("alpha", BlockReason.PINNED, "requires-dist of beta 3.0: alpha<1.1")
    ]


@pytest.mark.parametrize(
    ("reach", "version", "moves"),
    [
        (Reach.SECURITY, "3.0.2", True),
        (Reach.SECURITY, "3.1", True),
        (Reach.SECURITY, "4.0", False),
        (Reach.MINIMAL, "3.0.2", False),
    ],
)
def test_who_stands_in_the_way_makes_room(
    tmp_path: Path, reach: Reach, version: str, *, moves: bool
) -> None:
    old, new = Dummy("beta", "3.0.1", ("alpha<1.1",)), Dummy("beta", version, ("alpha<1.2",))
    with site(
        tmp_path,
        [OLD, old],
        replace(house(tmp_path, NEW, new, Dummy("alpha", "1.0.1")), reach=reach),
    ) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
    if moves:
        assert said(proposal) == {"alpha": "1.0->1.1", "beta": f"3.0.1->{version}"}
        assert {upgrade.name: upgrade.pulled_by for upgrade in proposal.upgrades}["beta"] == (
            "pkg:pypi/alpha@1.0",
        )
        assert len({upgrade.group for upgrade in proposal.upgrades}) == 1
    else:
        assert stays(proposal) == [
            ("alpha", BlockReason.PINNED, "requires-dist of beta 3.0.1: alpha<1.1")
        ]


def test_nobody_makes_room_for_what_closes_no_more(tmp_path: Path) -> None:
    beta = [Dummy("beta", "3.0.1", ("alpha<1.1.5",)), Dummy("beta", "3.0.2")]
    with site(
        tmp_path, [OLD, beta[0]], house(tmp_path, NEW, Dummy("alpha", "1.1.5"), *beta)
    ) as held:
        assert said(held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)) == {
            "alpha": "1.0->1.1"
        }


def test_two_aims_that_only_go_together_are_one_group(tmp_path: Path) -> None:
    beta = Dummy("beta", "3.0", ("alpha<1.1",))
    with site(
        tmp_path,
        [OLD, beta, Dummy("gamma", "1.0")],
        house(tmp_path, NEW, Dummy("beta", "3.1", ("alpha>=1.1",)), Dummy("gamma", "1.1")),
    ) as held:
        aims = [held.aim("alpha", a="1.1"), held.aim("beta", b="3.1"), held.aim("gamma", g="1.1")]
        proposal = held.patcher.propose(aims, held.sandbox)
    groups = {upgrade.name: upgrade.group for upgrade in proposal.upgrades}
    assert said(proposal) == {"alpha": "1.0->1.1", "beta": "3.0->3.1", "gamma": "1.0->1.1"}
    assert groups["alpha"] == groups["beta"] != groups["gamma"]


def test_what_an_aim_depends_on_moves_as_little_as_it_can_and_new_ones_are_pulled_in(
    tmp_path: Path,
) -> None:
    new = Dummy("alpha", "1.1", ("low>=2.1", "fresh"))
    lows = [Dummy("low", version) for version in ("2.0", "2.1", "2.9", "3.0")]
    with site(
        tmp_path,
        [OLD, lows[0], Dummy("other", "1.0")],
        house(tmp_path, new, *lows, Dummy("fresh", "0.1"), Dummy("other", "1.1")),
    ) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
        applied = held.patcher.apply(proposal.upgrades, held.sandbox)
    assert said(proposal) == {"alpha": "1.0->1.1", "low": "2.0->2.1", "fresh": "->0.1"}
    assert {upgrade.name: upgrade.pulled_by for upgrade in proposal.upgrades}["low"] == (
        "pkg:pypi/alpha@1.0",
    )
    assert len({upgrade.group for upgrade in proposal.upgrades}) == 1
    assert set(applied.versions.values()) == {"1.1", "2.1", "0.1"}
    assert not applied.notes


def test_a_conflict_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    new = Dummy(
        "alpha", "1.1", ("low>=3",)
    )  # low 3 is another major version than what beta has room for
    with site(
        tmp_path,
        [OLD, Dummy("low", "2.0"), Dummy("gamma", "1.0")],
        house(tmp_path, new, Dummy("low", "3.0"), Dummy("gamma", "1.1")),
    ) as held:
        proposal = held.patcher.propose(
            [held.aim("alpha", a="1.1"), held.aim("gamma", g="1.1")], held.sandbox
        )
    assert said(proposal) == {"gamma": "1.0->1.1"}
    assert stays(proposal) == [
        ("alpha", BlockReason.PINNED, "alpha 1.1 requires low>=3, and low 2.0 cannot go there")
    ]


def test_an_environment_that_was_broken_before_is_not_held_against_an_upgrade(
    tmp_path: Path,
) -> None:
    with site(tmp_path, [OLD, Dummy("beta", "3.0", ("absent>=2",))], house(tmp_path, NEW)) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
        applied = held.patcher.apply(proposal.upgrades, held.sandbox)
    assert said(proposal) == {"alpha": "1.0->1.1"}
    assert not applied.notes


def test_a_build_variant_is_never_swapped(tmp_path: Path) -> None:
    built = Dummy("torchlike", "2.5.1+cu124")
    choices = house(tmp_path, Dummy("torchlike", "2.6.0"), Dummy("torchlike", "2.6.0+cpu"))
    with site(tmp_path, [built], choices) as held:
        (blocked,) = held.patcher.propose(
            [held.aim("torchlike", cve="2.6.0")], held.sandbox
        ).blocked
    assert blocked.barrier is BlockReason.VARIANT
    with site(
        tmp_path / "with", [built], PatchChoices(find_links=choices.find_links, no_index=True)
    ) as held:
        wheel = Dummy("torchlike", "2.6.0+cu124")
        (tmp_path / "house" / wheel.filename).write_bytes(wheel.wheel())
        assert said(held.patcher.propose([held.aim("torchlike", cve="2.6.0")], held.sandbox)) == {
            "torchlike": "2.5.1+cu124->2.6.0+cu124"
        }


@pytest.mark.parametrize(
    ("offered", "word"),
    [
        (
            Dummy("alpha", "1.1", tag="cp27-cp27m-win32"),
            "no wheel of 1.1 is for this Python and platform",
        ),
        (Dummy("alpha", "1.0.1"), "the newest on offer is 1.0.1"),
        (Dummy("alpha", "1.1rc1"), "pre-release"),
        (Dummy("alpha", "2.0"), "another major version"),
    ],
)
def test_what_cannot_be_taken_says_why(tmp_path: Path, offered: Dummy, word: str) -> None:
    with site(tmp_path, [OLD], house(tmp_path, offered)) as held:
        (blocked,) = held.patcher.propose(
            [held.aim("alpha", cve="1.1rc1" if "rc" in offered.version else "1.1")], held.sandbox
        ).blocked
    assert word in blocked.detail


def test_a_source_distribution_alone_is_not_built(tmp_path: Path) -> None:
    choices = house(tmp_path)
    (tmp_path / "house" / "alpha-1.1.tar.gz").write_bytes(b"never opened")
    with site(tmp_path, [OLD], choices) as held:
        (blocked,) = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).blocked
    assert (blocked.barrier, blocked.detail) == (
        BlockReason.UNAVAILABLE,
        "only a source distribution of 1.1 is offered, which would have to be built",
    )


def test_an_index_with_credentials_is_asked_and_never_printed(tmp_path: Path) -> None:
    with (
        Server(
            [OLD, NEW, Dummy("alpha", "1.2")],
            login="user:s3cret",
            yanked=["alpha-1.2-py3-none-any.whl"],
        ) as server,
        site(tmp_path, [OLD], PatchChoices(python_index=server.url, reach=Reach.LATEST)) as held,
    ):
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
        held.patcher.apply(proposal.upgrades, held.sandbox)
        assert not any("s3cret" in word for command in held.container.commands for word in command)
    assert said(proposal) == {"alpha": "1.0->1.1"}  # 1.2 was withdrawn
    assert "s3cret" not in repr(proposal)
    assert f"@{server.url.rpartition('@')[2]}" not in repr(proposal)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (500, "500 Internal Server Error"),
        (403, "403 Forbidden; it wants credentials"),
        ("garbage", "neither HTML nor JSON"),
        ("hang", "no answer from the index"),
    ],
)
def test_an_index_that_misbehaves_is_named_without_its_credentials(
    tmp_path: Path, broken: int | str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_index, "_SILENT_SECONDS", 0.5)
    with (
        Server([NEW], broken={"/alpha": broken}, login="user:s3cret") as server,
        site(tmp_path, [OLD], PatchChoices(python_index=server.url)) as held,
        pytest.raises(ToolError) as caught,
    ):
        held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
    assert words in str(caught.value)
    assert "127.0.0.1" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_image_cannot_make_this_machine_ask_itself(tmp_path: Path) -> None:
    with Server([NEW]) as server:
        rootfs = tree({"/opt/venv/pip.conf": f"[global]\nindex-url = {server.url}\n"})
        sources = sources_of(PatchChoices(), rootfs, ImagePath("/opt/venv"), {})
        assert sources.indexes == (server.url,)
        with pytest.raises(
            ToolError,
            match=(
                "is this machine's loopback: an image's own settings may not lead there; name it"
                " with --index-url"
            ),
        ):
            python_index.Index(sources, tmp_path).offers("alpha")
        assert not server.asked


def test_a_project_that_the_index_does_not_know_is_said(tmp_path: Path) -> None:
    with (
        Server([NEW]) as server,
        site(tmp_path, [Dummy("private", "1.0")], PatchChoices(python_index=server.url)) as held,
    ):
        (blocked,) = held.patcher.propose([held.aim("private", cve="1.1")], held.sandbox).blocked
    assert (blocked.barrier, blocked.detail) == (
        BlockReason.UNAVAILABLE,
        f"{server.url} does not know private",
    )


def test_a_wheel_that_is_not_the_one_that_was_named_is_refused(tmp_path: Path) -> None:
    with (
        Server([NEW]) as server,
        site(tmp_path, [OLD], PatchChoices(python_index=server.url)) as held,
    ):
        upgrades = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).upgrades
        other = "0" * 64
        with pytest.raises(ToolError) as caught:
            held.patcher.apply([replace(upgrades[0], sha256=other)], held.sandbox)
        assert (held.top / "bin" / "alpha-old").exists()
    real = hashlib.sha256(NEW.wheel()).hexdigest()
    assert f"alpha-1.1-py3-none-any.whl: its SHA-256 is {real}, expected {other}" in str(
        caught.value
    )


def test_an_index_that_lies_about_a_digest_is_caught(tmp_path: Path) -> None:
    with (
        Server([NEW]) as server,
        site(tmp_path, [OLD], PatchChoices(python_index=server.url)) as held,
    ):
        server.lies["alpha-1.1-py3-none-any.whl"] = "1" * 64
        with pytest.raises(ToolError, match=f"expected {'1' * 64}"):
            held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)


def test_without_any_source_nothing_can_be_done(tmp_path: Path) -> None:
    with site(tmp_path, [OLD], PatchChoices(no_index=True)) as held:
        (blocked,) = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).blocked
    assert blocked.barrier is BlockReason.NO_MEANS
    assert "--find-links" in blocked.detail


def test_a_wheel_that_leaves_its_place_is_refused(tmp_path: Path) -> None:
    bad = replace(NEW, extra={"../../../escape": b"x"})
    with site(tmp_path, [OLD], house(tmp_path, bad)) as held:
        upgrades = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).upgrades
        with pytest.raises(ToolError, match="leaves its place"):
            held.patcher.apply(upgrades, held.sandbox)


def test_where_uv_does_not_run_pip_is_asked(tmp_path: Path) -> None:
    new, impossible = (
        Dummy("alpha", "1.1", ("low>=2.1", "fresh")),
        Dummy("beta", "1.1", ("low>=3",)),
    )
    lows = [Dummy("low", version) for version in ("2.0", "2.1", "3.0")]
    with site(
        tmp_path,
        [OLD, Dummy("beta", "1.0"), lows[0]],
        house(tmp_path, new, impossible, *lows, Dummy("fresh", "0.1")),
    ) as held:
        held.container.has_libc_of_uv = False
        proposal = held.patcher.propose(
            [held.aim("alpha", cve="1.1"), held.aim("beta", other="1.1")], held.sandbox
        )
        applied = held.patcher.apply(proposal.upgrades, held.sandbox)
    assert stays(proposal) == [
        ("beta", BlockReason.PINNED, "beta 1.1 requires low>=3, and low 2.1 cannot go there")
    ]
    assert "resolved by pip" in proposal.notes[0]
    assert said(proposal) == {"alpha": "1.0->1.1", "low": "2.0->2.1", "fresh": "->0.1"}
    assert set(applied.versions.values()) == {"1.1", "2.1", "0.1"}


def test_many_files_are_compiled_alike_and_those_that_are_no_python_left_out(
    tmp_path: Path,
) -> None:
    suffix = f"cpython-{VERSION.replace('.', '')}.pyc"
    many = {f"alpha/m{number}.py": f"X = {number}\n".encode() for number in range(80)}
    new = replace(
        NEW, extra={**many, "alpha/template.py": b"{% if x %}\n", "alpha/only/bad.py": b"(\n"}
    )
    with site(
        tmp_path,
        [replace(OLD, extra={f"alpha/__pycache__/__init__.{suffix}": b"old"})],
        house(tmp_path, new),
    ) as held:
        held.patcher.apply(
            held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).upgrades,
            held.sandbox,
        )
        package = held.top / "lib" / f"python{VERSION}" / "site-packages" / "alpha"
        compiled = sorted(path.name for path in package.rglob("*.pyc"))
        listed = held.read("alpha-1.1.dist-info/RECORD")
        assert not (package / "only" / "__pycache__").exists()
    assert compiled == sorted(
        [f"__init__.{suffix}", *(f"m{number}.{suffix}" for number in range(80))]
    )
    assert all(f"alpha/__pycache__/{name},," in listed for name in compiled)


def test_two_runs_leave_the_same_bytes(tmp_path: Path) -> None:
    compiled = {f"alpha/__pycache__/__init__.cpython-{VERSION.replace('.', '')}.pyc": b"old"}
    seen: list[dict[str, bytes]] = []
    choices = house(tmp_path, NEW)
    for run in range(2):
        with site(tmp_path / str(run) / "same", [replace(OLD, extra=compiled)], choices) as held:
            held.patcher.apply(
                held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).upgrades,
                held.sandbox,
            )
            files = [
                path
                for path in (held.top / "lib").rglob("*")
                if path.is_file() and path.suffix != ".pyc"
            ]
            seen.append(
                {
                    str(path.relative_to(held.top)): (
                        path.read_bytes().replace(str(held.top).encode(), b"TOP")
                    )
                    for path in files
                }
            )
    assert seen[0].keys() == seen[1].keys()
    assert {name for name in seen[0] if seen[0][name] != seen[1][name]} <= {
        f"lib/python{VERSION}/site-packages/alpha-1.1.dist-info/RECORD"
    }


@pytest.mark.parametrize("link", ["job.json", "uv"])
def test_a_link_that_the_image_planted_in_the_sandbox_is_not_followed(
    tmp_path: Path, link: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    with site(tmp_path, [OLD], house(tmp_path, NEW)) as held:
        held.sandbox.directory("python")
        (held.sandbox.scratch / "python" / link).symlink_to(victim)
        held.patcher.apply(
            held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox).upgrades,
            held.sandbox,
        )
    assert victim.read_text() == "mine"


def test_a_directory_of_the_sandbox_that_became_a_link_is_refused(tmp_path: Path) -> None:
    with site(tmp_path, [OLD], house(tmp_path, NEW)) as held:
        (tmp_path / "sandbox" / "python").symlink_to(tmp_path)
        with pytest.raises(
            ToolError, match="a link replaces a directory or file of the patch sandbox"
        ):
            held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)


STAR = [Dummy("star", version) for version in ("0.27", "0.36", "0.41", "0.42", "0.50")]


def fast(version: str, stars: str) -> Dummy:
    return Dummy("fast", version, (f"star{stars}",))


FAST = [
    fast("0.95", "<0.28"),
    fast("0.109", "<0.37"),
    fast("0.109.2", "<0.37"),
    fast("0.115", "<0.42"),
    fast("0.116", "<0.43"),
    fast("0.130", "<0.60"),
]


def test_the_smallest_joint_upgrade_is_taken_where_one_aim_holds_back_another(
    tmp_path: Path,
) -> None:
    with site(
        tmp_path,
        [STAR[0], FAST[0], Dummy("other", "1.0")],
        house(tmp_path, *STAR, *FAST, Dummy("other", "1.1")),
    ) as held:
        aims = [
            held.aim("star", a="0.36", b="0.40"),
            held.aim("fast", c="0.109"),
            held.aim("other", d="1.1"),
        ]
        proposal = held.patcher.propose(aims, held.sandbox)
    groups = {upgrade.name: upgrade.group for upgrade in proposal.upgrades}
    assert said(proposal) == {"star": "0.27->0.41", "fast": "0.95->0.115", "other": "1.0->1.1"}
    assert groups["star"] == groups["fast"] != groups["other"]
    assert not proposal.blocked


def test_who_is_in_nobodys_aim_makes_room_too_and_so_does_who_stands_in_its_way(
    tmp_path: Path,
) -> None:
    user = [
        Dummy("user", "2.0", ("fast<0.100",)),
        Dummy("user", "2.3", ("fast<0.120",)),
        Dummy("user", "2.9", ("fast",)),
    ]
    with site(tmp_path, [STAR[0], FAST[0], user[0]], house(tmp_path, *STAR, *FAST, *user)) as held:
        proposal = held.patcher.propose([held.aim("star", a="0.40")], held.sandbox)
    assert said(proposal) == {"star": "0.27->0.41", "fast": "0.95->0.115", "user": "2.0->2.3"}
    assert len({upgrade.group for upgrade in proposal.upgrades}) == 1


def test_what_moved_for_nothing_goes_back(tmp_path: Path) -> None:
    """A resolver that takes the newest moves more than it must: `extra` need not move, though it
    stands in the way of the newest version.
    """
    extra = [Dummy("extra", "1.0", ("star<0.42",)), Dummy("extra", "1.9")]
    with site(
        tmp_path, [STAR[0], FAST[0], extra[0]], house(tmp_path, *STAR[:4], *FAST, *extra)
    ) as held:
        proposal = held.patcher.propose([held.aim("star", a="0.40")], held.sandbox)
    assert said(proposal) == {"star": "0.27->0.41", "fast": "0.95->0.115"}


@pytest.mark.parametrize("major", [False, True])
def test_who_makes_room_goes_to_another_major_version_only_if_that_is_allowed(
    tmp_path: Path, *, major: bool
) -> None:
    beta = [Dummy("beta", "3.0", ("alpha<1.1",)), Dummy("beta", "4.0")]
    with site(
        tmp_path, [OLD, beta[0]], replace(house(tmp_path, NEW, *beta), allow_major=major)
    ) as held:
        proposal = held.patcher.propose([held.aim("alpha", cve="1.1")], held.sandbox)
    assert said(proposal) == ({"alpha": "1.0->1.1", "beta": "3.0->4.0"} if major else {})
    assert major or stays(proposal) == [
        ("alpha", BlockReason.PINNED, "requires-dist of beta 3.0: alpha<1.1")
    ]


def test_a_pin_that_no_version_loosens_names_the_version_that_will_be_there(tmp_path: Path) -> None:
    with site(tmp_path, [STAR[0], FAST[0]], house(tmp_path, *STAR, *FAST[:3])) as held:
        proposal = held.patcher.propose(
            [held.aim("star", a="0.36", b="0.40"), held.aim("fast", c="0.109")], held.sandbox
        )
    assert said(proposal) == {"star": "0.27->0.36", "fast": "0.95->0.109.2"}
    assert stays(proposal) == [
        ("star", BlockReason.PINNED, "requires-dist of fast 0.109.2: star<0.37")
    ]


def test_who_is_excluded_makes_no_room_and_what_goes_without_it_is_taken(tmp_path: Path) -> None:
    stars = [*STAR, Dummy("star", "0.27.5")]
    choices = replace(house(tmp_path, *stars, *FAST), exclude=("fast",))
    with site(tmp_path, [STAR[0], FAST[0]], choices) as held:
        proposal = held.patcher.propose([held.aim("star", a="0.27.5", b="0.40")], held.sandbox)
    assert said(proposal) == {"star": "0.27->0.27.5"}
    assert stays(proposal) == [
        ("star", BlockReason.PINNED, "requires-dist of fast 0.95: star<0.28")
    ]


def test_the_joint_upgrade_is_found_by_pip_too(tmp_path: Path) -> None:
    with site(tmp_path, [STAR[0], FAST[0]], house(tmp_path, *STAR, *FAST)) as held:
        held.container.has_libc_of_uv = False
        proposal = held.patcher.propose(
            [held.aim("star", a="0.40"), held.aim("fast", c="0.109")], held.sandbox
        )
    assert "resolved by pip" in proposal.notes[0]
    assert {upgrade.name for upgrade in proposal.upgrades} == {"star", "fast"}
    assert not proposal.blocked


@pytest.mark.parametrize(
    ("own", "resolves"),
    [("21.3", ""), ("23.0.1", ""), ("23.2", "pip 23.2"), ("26.0", "pip 26.0")],
)
def test_an_old_pip_that_fetches_what_it_considers_does_not_resolve(
    tmp_path: Path, own: str, resolves: str
) -> None:
    with site(tmp_path, [Dummy("pip", own)], house(tmp_path)) as held:
        held.container.has_libc_of_uv = False
        means = held.patcher.means(held.sandbox)
        assert not isinstance(means, str)
        interpreter, index = means
        environment = held.patcher.environment
        found = resolver_for(environment, interpreter, index.sources, held.sandbox)
        old = replace(interpreter, full="3.9.2")
        last = resolver_for(environment, old, index.sources, held.sandbox)
    assert isinstance(found, Pip)
    assert found.name == (resolves or f"pip {pip.__version__}")
    assert (last if isinstance(last, str) else last.name) == (
        "neither uv nor pip runs with Python 3.9.2 of this image" if own == "21.3" else f"pip {own}"
    )
