"""Copies that a distribution carries, and the wheels that ensurepip holds: they go with what brings
them.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.inventory.scan import scan, scan_contents
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, PatchChoices, Upgrade
from careen.model.paths import ImagePath
from careen.patch.guard import apply_policy
from careen.patch.policy import Policy, PolicyRule
from careen.patch.port import Ground, Proposal
from careen.patch.python.carried import read_copies
from careen.patch.python.ensurepip import EnsurePip, ensurepips
from careen.patch.python.environments import Environment
from careen.patch.python.index import Index
from careen.patch.python.sources import sources_of
from careen.patch.python.targets import Limits
from careen.pipeline.upgrading.patch_findings import read_back
from tests.support.python_envs import Dummy, make_venv, on_ground
from tests.support.trees import tree
from tests.unit.patch.test_findings import attempt, inventory

pytestmark = pytest.mark.slow


def carrying(
    name: str, version: str, copies: Mapping[str, str], requires: tuple[str, ...] = ()
) -> Dummy:
    """A distribution with copies of others in its `_vendor`."""
    files = {f"{name}/_vendor/{each}/__init__.py": b"" for each in copies}
    listed = "".join(f"{each}=={copy}\n" for each, copy in copies.items())
    more = {f"{name}/_vendor/__init__.py": b"", f"{name}/_vendor/vendor.txt": listed.encode()}
    return Dummy(name, version, requires, extra={**files, **more})


def house(tmp_path: Path, *dists: Dummy, **choices: Any) -> PatchChoices:
    folder = tmp_path / "house"
    folder.mkdir()
    for dist in dists:
        (folder / dist.filename).write_bytes(dist.wheel())
    return PatchChoices(find_links=(str(folder),), no_index=True, **choices)


def said(proposal: Proposal) -> dict[str, str]:
    return {each.name: f"{each.installed}->{each.target}" for each in proposal.upgrades}


OLD = carrying("tool", "1.0", {"low": "1.0", "mid": "1.0"})


def aim_inside(purl: str, name: str, version: str, **fixes: str) -> Aim:
    return Aim(purl, name, version, Ecosystem.PYPI, {key: (fix,) for key, fix in fixes.items()})


LOW = aim_inside("pkg:pypi/low@1.0", "low", "1.0", a="1.5", b="2.1")


def test_a_copy_is_closed_by_the_version_of_its_owner_that_carries_a_fixed_one(
    tmp_path: Path,
) -> None:
    newer = [
        carrying("tool", "1.1", {"low": "1.5", "mid": "1.0"}),
        carrying("tool", "1.2", {"low": "2.1"}),
    ]
    top = make_venv(tmp_path / "venv", [OLD])
    with on_ground(
        top, house(tmp_path, *newer, carrying("tool", "2.0", {})), tmp_path, embedded=True
    ) as held:
        mid = aim_inside("pkg:pypi/mid@1.0", "mid", "1.0", c="1.1")
        assert held.patcher.claims(LOW)
        proposal = held.patcher.propose([LOW, mid], held.sandbox)
        offer = apply_policy(
            proposal, held.patcher.ground.inventory, held.patcher.ground.choices, Policy()
        )
        held.patcher.apply(proposal.upgrades, held.sandbox)
        listed = held.read("tool/_vendor/vendor.txt")
    assert offer == proposal  # that a copy goes to another major version is its owner's business
    assert said(proposal) == {"tool": "1.0->1.2", "low": "1.0->2.1", "mid": "1.0->gone"}
    assert {each.name: each.closes for each in proposal.upgrades} == {
        "tool": (),
        "low": ("a", "b"),
        "mid": ("c",),
    }
    assert len({each.group for each in proposal.upgrades}) == 1
    assert {each.name: each.inside for each in proposal.upgrades} == {
        "tool": "",
        "low": "pkg:pypi/tool@1.0",
        "mid": "pkg:pypi/tool@1.0",
    }
    assert listed == "low==2.1\n"


def test_what_no_version_of_the_owner_fixes_stays_with_the_version_that_it_carries(
    tmp_path: Path,
) -> None:
    top = make_venv(tmp_path / "venv", [OLD])
    with on_ground(
        top, house(tmp_path, carrying("tool", "1.1", {"low": "1.5"})), tmp_path, embedded=True
    ) as held:
        proposal = held.patcher.propose([LOW], held.sandbox)
    (blocked,) = proposal.blocked
    assert (blocked.name, blocked.findings, blocked.barrier) == ("low", ("b",), BlockReason.FOREIGN)
    assert blocked.detail.endswith("tool/_vendor/vendor.txt); tool 1.1 carries 1.5")


def test_an_owner_that_nothing_newer_of_is_on_offer_keeps_its_copies(tmp_path: Path) -> None:
    top = make_venv(tmp_path / "venv", [OLD])
    with on_ground(top, house(tmp_path), tmp_path, embedded=True) as held:
        (blocked,) = held.patcher.propose([LOW], held.sandbox).blocked
    assert "no version of tool that may be taken carries one that is fixed" in blocked.detail


def test_a_limit_on_a_copy_leaves_out_the_versions_that_carry_it(tmp_path: Path) -> None:
    newer = [carrying("tool", "1.1", {"low": "1.5"}), carrying("tool", "2.0", {"low": "2.1"})]
    limited = Aim(LOW.purl, "low", "1.0", Ecosystem.PYPI, LOW.fixes, limit="!=2.1")
    top = make_venv(tmp_path / "venv", [OLD])
    with on_ground(top, house(tmp_path, *newer, allow_major=True), tmp_path, embedded=True) as held:
        owner = held.aim("tool", own="1.1")
        assert said(held.patcher.propose([owner, limited], held.sandbox)) == {
            "tool": "1.0->1.1",
            "low": "1.0->1.5",
        }


def ruled(name: str, **said: Any) -> Policy:
    return Policy((PolicyRule((f"pypi:{name}",), "as the team wishes", "policy.toml:1", **said),))


def test_a_limit_on_what_carries_a_copy_is_heeded_in_choosing(tmp_path: Path) -> None:
    newer = [carrying("tool", "1.1", {"low": "1.5"}), carrying("tool", "2.0", {"low": "2.1"})]
    top = make_venv(tmp_path / "venv", [OLD])
    policy = ruled("tool", limit="<2")
    with on_ground(
        top, house(tmp_path, *newer, allow_major=True), tmp_path, embedded=True, policy=policy
    ) as held:
        proposal = held.patcher.propose([LOW], held.sandbox)
        assert (
            apply_policy(
                proposal, held.patcher.ground.inventory, held.patcher.ground.choices, policy
            )
            == proposal
        )
    assert said(proposal) == {"tool": "1.0->1.1", "low": "1.0->1.5"}


@pytest.mark.parametrize("held_by", ["--exclude", "policy"])
def test_copies_in_what_is_not_to_be_changed_stay_and_cost_no_other_upgrade(
    tmp_path: Path, held_by: str
) -> None:
    newer = [carrying("tool", "1.1", {"low": "2.1"}, ("other>=1.1",)), Dummy("other", "1.1")]
    top = make_venv(tmp_path / "venv", [OLD, Dummy("other", "1.0")])
    policy = ruled("tool", hold=True) if held_by == "policy" else Policy()
    choices = house(tmp_path, *newer, exclude=("tool",) if held_by == "--exclude" else ())
    with on_ground(top, choices, tmp_path, embedded=True, policy=policy) as held:
        proposal = held.patcher.propose([LOW, held.aim("other", own="1.1")], held.sandbox)
    assert said(proposal) == {"other": "1.0->1.1"}
    (blocked,) = proposal.blocked
    assert (blocked.purl, blocked.findings, blocked.barrier) == (
        LOW.purl,
        ("a", "b"),
        BlockReason.EXCLUDED,
    )
    assert blocked.detail.startswith("a copy inside tool 1.0 (")
    assert blocked.detail.endswith(
        ("which --exclude tool forbids", "which is held (policy.toml:1: as the team wishes)")
    )


def test_a_limit_on_what_moves_along_is_told_to_the_resolver(tmp_path: Path) -> None:
    newer = [Dummy("top", "1.1", ("other>=1.1",)), Dummy("other", "1.1"), Dummy("other", "1.2")]
    env = make_venv(tmp_path / "venv", [Dummy("top", "1.0", ("other",)), Dummy("other", "1.0")])
    with on_ground(
        env, house(tmp_path, *newer), tmp_path, policy=ruled("other", limit="!=1.1")
    ) as held:
        proposal = held.patcher.propose([held.aim("top", own="1.1")], held.sandbox)
    assert said(proposal) == {"top": "1.0->1.1", "other": "1.0->1.2"}


def test_copies_are_told_by_a_dist_info_a_list_or_a_constant(tmp_path: Path) -> None:
    files = {
        "tool/_vendor/listed/__init__.py": b"",
        "tool/_vendor/vendor.txt": b"listed==1.1\nabsent==3\n",
        "tool/_vendor/constant.py": b'__version__ = "2.2"\n',
        "tool/_vendor/silent/__init__.py": b"",
        "tool/_vendor/jaraco/text/__init__.py": b"",
        "tool/_vendor/jaraco.text-4.4.dist-info/METADATA": (
            b"Metadata-Version: 2.1\nName: jaraco.text\nVersion: 4.4\n\n"
        ),
        # of a test
        "tool/tests/data/bad-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: bad\n\n",
    }
    wheel = tmp_path / "tool-1.0-py3-none-any.whl"
    wheel.write_bytes(Dummy("tool", "1.0", extra=files).wheel())
    assert read_copies(wheel, {"constant", "silent", "other", "listed"}) == {
        "listed": "1.1",
        "constant": "2.2",
        "silent": "",
        "jaraco-text": "4.4",
    }


BUNDLED = "/usr/local/lib/python3.11/ensurepip/_bundled"
MODULE = "/usr/local/lib/python3.11/ensurepip/__init__.py"
TEXT = (
    '_SETUPTOOLS_VERSION = "65.5.0"\n_PIP_VERSION = "23.2.1"\n_PROJECTS = [("pip", _PIP_VERSION,'
    ' "py3")]\n'
)
NOWHERE: Any = None
PIP = carrying("pip", "23.2.1", {"low": "1.0"})
SETUPTOOLS = Dummy("setuptools", "65.5.0")


class Owner:
    """The environment of the image's own Python."""

    environment = Environment(
        ImagePath("/usr/local"), "system", "/usr/local/bin/python3.11", "3.11", ()
    )

    def __init__(self, choices: PatchChoices, store: Path) -> None:
        self.choices = choices
        store.mkdir()
        self.index = Index(sources_of(choices, tree({}), ImagePath("/usr/local"), {}), store)

    def means(self, sandbox: object) -> Any:
        del sandbox
        return None, self.index

    def limits(self, interpreter: object) -> Limits:
        del interpreter
        return Limits({"py3-none-any": 0, "py2-none-any": 1}, "3.11.4", self.choices)


def bundled(
    tmp_path: Path, choices: PatchChoices, text: str = TEXT
) -> tuple[EnsurePip, dict[str, Aim]]:
    files: dict[str, Any] = {
        f"{BUNDLED}/{PIP.filename}": PIP.wheel(),
        f"{BUNDLED}/{SETUPTOOLS.filename}": SETUPTOOLS.wheel(),
        MODULE: text.encode(),
        "/usr/local/lib/python3.11/ensurepip/__pycache__/__init__.cpython-311.pyc": (
            b"of the old one"
        ),
    }
    rootfs = tree(files)
    stock = scan_contents(rootfs, scan(rootfs))
    (patcher,) = ensurepips(Ground(rootfs, stock, choices), [Owner(choices, tmp_path / "store")])
    aims = {
        package.name: Aim(package.purl, package.name, package.version, Ecosystem.PYPI, {})
        for package in stock.packages.values()
    }
    return patcher, aims


def with_fixes(aim: Aim, **fixes: str) -> Aim:
    return Aim(
        aim.purl, aim.name, aim.version, aim.ecosystem, {key: (fix,) for key, fix in fixes.items()}
    )


def test_a_bundled_wheel_is_replaced_and_ensurepip_names_the_new_one(tmp_path: Path) -> None:
    newer = carrying("pip", "26.1", {"low": "2.1"})
    choices = house(
        tmp_path,
        newer,
        Dummy("pip", "27.0", tag="py2-none-any"),
        Dummy("setuptools", "80.0"),
        allow_major=True,
    )
    patcher, aims = bundled(tmp_path, choices)
    assert patcher.name == "ensurepip /usr/local/lib/python3.11"
    wanted = [
        with_fixes(aims["pip"], p="24.0"),
        with_fixes(aims["low"], a="1.5"),
        with_fixes(aims["setuptools"], s="70"),
    ]
    assert all(patcher.claims(aim) for aim in wanted)
    proposal = patcher.propose(wanted, NOWHERE)
    assert said(proposal) == {
        "pip": "23.2.1->26.1",
        "low": "1.0->2.1",
        "setuptools": "65.5.0->80.0",
    }
    assert not proposal.blocked
    done = patcher.apply(proposal.upgrades, NOWHERE)
    placed = {item.entry.path: item for item in done.placed}
    assert placed[ImagePath(f"{BUNDLED}/{newer.filename}")].content == newer.wheel()
    assert placed[ImagePath(MODULE)].content.decode() == TEXT.replace("65.5.0", "80.0").replace(
        "23.2.1", "26.1"
    )
    assert all(item.entry.size == len(item.content) for item in done.placed)
    assert {path.rpartition("/")[2] for path in done.removed} == {
        PIP.filename,
        SETUPTOOLS.filename,
        "__init__.cpython-311.pyc",
    }
    names: dict[str, Any] = {}
    exec(placed[ImagePath(MODULE)].content, names)  # noqa: S102 — a text of this test
    assert names["_PROJECTS"] == [("pip", "26.1", "py3")]


def test_a_wheel_for_another_python_takes_no_place(tmp_path: Path) -> None:
    choices = house(
        tmp_path, Dummy("pip", "23.3"), Dummy("pip", "23.4", python=">=3.12")
    )  # a directory does not say it
    patcher, aims = bundled(tmp_path, choices)
    assert said(patcher.propose([with_fixes(aims["pip"], p="23.3")], NOWHERE)) == {
        "pip": "23.2.1->23.3"
    }


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(ruled("pip", limit="<26"), {"pip": "23.2.1->25.0"}), (ruled("pip", hold=True), {})],
)
def test_the_user_s_word_on_a_bundled_wheel_is_heeded_in_choosing(
    tmp_path: Path, policy: Policy, expected: dict[str, str]
) -> None:
    newer = [carrying("pip", "25.0", {"low": "1.5"}), carrying("pip", "26.1", {"low": "2.1"})]
    patcher, aims = bundled(tmp_path, house(tmp_path, *newer, allow_major=True))
    patcher.ground = replace(patcher.ground, policy=policy)
    proposal = patcher.propose([with_fixes(aims["low"], a="1.5")], NOWHERE)
    assert (
        apply_policy(proposal, patcher.ground.inventory, patcher.ground.choices, policy) == proposal
    )
    assert said(proposal) == ({**expected, "low": "1.0->1.5"} if expected else {})
    assert [each.barrier for each in proposal.blocked] == (
        [] if expected else [BlockReason.EXCLUDED]
    )


def test_a_part_of_the_wheels_is_replaced_alone(tmp_path: Path) -> None:
    patcher, aims = bundled(
        tmp_path, house(tmp_path, Dummy("pip", "23.3"), Dummy("setuptools", "65.6"))
    )
    proposal = patcher.propose(
        [with_fixes(aims["pip"], p="23.3"), with_fixes(aims["setuptools"], s="65.6")], NOWHERE
    )
    done = patcher.apply([each for each in proposal.upgrades if each.name == "pip"], NOWHERE)
    assert done.placed[-1].content.decode() == TEXT.replace("23.2.1", "23.3")


@pytest.mark.parametrize(
    ("text", "fix", "barrier", "words"),
    [
        (
            "_PIP_VERSION = find()\n",
            "24.0",
            BlockReason.FOREIGN,
            "whose version ensurepip does not state in the form that is known",
        ),
        (
            '_PIP_VERSION = "23.2.1"\n_PIP_VERSION = "23.2.1"\n',
            "24.0",
            BlockReason.FOREIGN,
            "does not state",
        ),
        (TEXT, "24.1", BlockReason.FOREIGN, "no wheel of pip that may take its place fixes it"),
        (TEXT, "24.0", BlockReason.MAJOR, "pip 24.0 fixes it, another major version than pip 23"),
    ],
)
def test_a_bundled_wheel_that_cannot_be_replaced_stays_with_the_reason(
    tmp_path: Path, text: str, fix: str, barrier: BlockReason, words: str
) -> None:
    patcher, aims = bundled(tmp_path, house(tmp_path, Dummy("pip", "24.0")), text)
    (blocked,) = patcher.propose([with_fixes(aims["pip"], p=fix)], NOWHERE).blocked
    assert blocked.barrier is barrier
    assert words in blocked.detail


def test_a_copy_that_is_gone_is_read_back_as_closed_whatever_others_have_its_name() -> None:
    upgrade = Upgrade(
        "pkg:pypi/low@1.0",
        "low",
        Ecosystem.PYPI,
        "1.0",
        "gone",
        "python /usr",
        "tool",
        ("a",),
        inside="pkg:pypi/tool@1.0",
    )
    left: list[Finding] = []
    (gone,) = read_back(attempt(upgrade), inventory(low="3.0"), left)
    assert (gone.version, gone.closed) == ("gone", ("a",))
    (still,) = read_back(attempt(upgrade), inventory(low="1.0"), left)
    assert still.closed == ()


def test_a_copy_that_only_a_new_major_version_of_its_owner_fixes_says_so(tmp_path: Path) -> None:
    newer = [carrying("tool", "1.1", {"low": "1.5"}), carrying("tool", "2.0", {"low": "1.9"})]
    aim = aim_inside(LOW.purl, "low", "1.0", a="1.5", b="1.9", c="2.1")
    top = make_venv(tmp_path / "venv", [OLD])
    with on_ground(top, house(tmp_path, *newer), tmp_path, embedded=True) as held:
        proposal = held.patcher.propose([aim], held.sandbox)
    assert said(proposal) == {"tool": "1.0->1.1", "low": "1.0->1.5"}
    major, foreign = proposal.blocked
    assert (major.barrier, major.findings) == (BlockReason.MAJOR, ("b",))
    assert major.detail.endswith("; tool 2.0 carries 1.9, another major version than tool 1.0")
    assert (foreign.barrier, foreign.findings) == (BlockReason.FOREIGN, ("c",))
    assert foreign.detail.endswith("; tool 1.1 carries 1.5")
