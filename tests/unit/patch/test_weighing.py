"""A group of upgrades that closes findings and raises some: other versions first, then the heavier
side.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.errors import ToolError
from careen.model.findings.advisory import KevEntry, Severity, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.patching import Aim, BlockReason, PatchChoices, PatchPlan, Reach, Upgrade
from careen.model.paths import ImagePath
from careen.model.rbom import ImageRef
from careen.model.runs.engine import ContainerState
from careen.patch.port import Proposal
from careen.patch.targets import choose
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.upgrading.patching import Attempt, Patching
from careen.pipeline.upgrading.survey import Asked, Survey
from careen.pipeline.upgrading.upgrades import Upgrader
from careen.pipeline.upgrading.weighing import Balance, closed_in_place, embedded_among, foreseen
from tests.support.advisory_source import MemorySource, osv
from tests.support.feed_layouts import osv as record

IMAGE = ImageRef("app:1", None, "sha256:" + "1" * 64, (), "linux/amd64")
PURL = "pkg:pypi/pump@1.0"


def finding(identifier: str, severity: Severity, version: str = "1.0", purl: str = "") -> Finding:
    where = purl or f"pkg:pypi/pump@{version}"
    return Finding(
        identifier, (), where, "pump", version, (), VendorStatus.FIXED, ("1.1",), severity, "OSV"
    )


HIGH, MEDIUM, LOW = (
    finding(f"CVE-{word.word}", word) for word in (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
)

OLD = finding("CVE-old", Severity.CRITICAL)


@pytest.mark.parametrize(
    ("closed", "raised", "gain"),
    [
        ([HIGH], [MEDIUM], True),
        ([MEDIUM] * 6, [HIGH], False),  # the heaviest decides
        ([HIGH, LOW], [HIGH], True),  # findings of one weight cancel each other
        ([HIGH], [HIGH], False),
        ([], [LOW], False),
        ([replace(LOW, kev=KevEntry("CVE-low", "", "", "", ransomware=False))], [HIGH], True),
        (
            [MEDIUM, LOW],
            [replace(HIGH, severity=Severity.UNKNOWN)],
            True,
        ),  # unknown counts as medium
    ],
)
def test_the_heavier_side_decides(
    closed: list[Finding], raised: list[Finding], *, gain: bool
) -> None:
    assert Balance(tuple(closed), tuple(raised)).is_gain is gain


def test_a_copy_inside_another_file_weighs_less_than_an_installed_package() -> None:
    copy = finding("CVE-9", Severity.HIGH, purl="pkg:pypi/pump@2.0?location=/x.whl")
    assert Balance((HIGH,), (copy,), frozenset({copy.package})).is_gain
    assert not Balance((copy,), (HIGH,), frozenset({copy.package})).is_gain


def held(*packages: tuple[str, str, str]) -> Inventory:
    """Packages by purl, version and record."""
    return Inventory(
        {
            purl: Package(Ecosystem.PYPI, "pump", version, purl, ImagePath(record), ())
            for purl, version, record in packages
        },
        {},
    )


def test_a_copy_that_gets_the_purl_of_the_upgraded_package_is_not_that_package() -> None:
    place, wheel = "/lib/pump-1.0/METADATA", "/share/pump-1.0.whl"
    before = held((PURL, "1.0", place), (f"{PURL}?location={wheel}", "1.0", wheel))
    upgraded = held(("pkg:pypi/pump@1.1", "1.1", "/lib/pump-1.1/METADATA"), (PURL, "1.0", wheel))
    upgrades = [upgrade("1.1")]
    assert closed_in_place(upgrades, [OLD], [OLD], (before, upgraded)) == (OLD,)
    assert closed_in_place(upgrades, [OLD], [OLD], (before, before)) == ()
    inside = replace(upgraded.packages[PURL], presence=Presence.EMBEDDED)
    after = Inventory({**upgraded.packages, PURL: inside}, {})
    assert embedded_among([OLD], before) == frozenset()
    assert embedded_among([OLD], after) == {PURL}


def affected(identifier: str, introduced: str, fixed: str, vector: str) -> dict[str, Any]:
    events = [{"introduced": introduced}, {"fixed": fixed}]
    package = {"ecosystem": "PyPI", "name": "pump"}
    entry = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return record(identifier, affected=[entry], severity=[{"type": "CVSS_V3", "score": vector}])


MILD = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
SEVERE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def source(*records: dict[str, Any]) -> MemorySource:
    return MemorySource(advisory for each in records for advisory in osv(each))


def upgrade(target: str, closes: Sequence[str] = ("CVE-old",)) -> Upgrade:
    return Upgrade(PURL, "pump", Ecosystem.PYPI, "1.0", target, "fake", "pump", tuple(closes))


def test_what_a_version_raises_is_known_before_it_is_installed() -> None:
    known = source(
        affected("CVE-2026-9", "1.1", "1.2", SEVERE), affected("CVE-old", "0", "9", SEVERE)
    )
    before = [finding("CVE-old", Severity.HIGH)]
    (raised,) = foreseen([upgrade("1.1")], before, known).values()
    assert [each.id for each in raised] == ["CVE-2026-9"]
    assert foreseen([upgrade("1.2"), upgrade("gone")], before, known) == {}


@dataclass
class Manager:
    """Offers some versions of one package."""

    offered: Sequence[str]
    name: str = "fake"
    asked: list[str] = field(default_factory=list)
    refuses_after: int | None = None

    def claims(self, aim: Aim) -> bool:
        return aim.purl == PURL

    def propose(self, aims: Sequence[Aim], sandbox: object) -> Proposal:
        del sandbox
        (aim,) = aims
        self.asked.append(aim.limit)
        if self.refuses_after is not None and len(self.asked) > self.refuses_after:
            msg = "asking https://user:secret@index.example/: 403 Forbidden"
            raise ToolError(msg)
        chosen = choose(aim, self.offered, Reach.LATEST, allow_major=False)
        ups = (upgrade(chosen.version, chosen.closes),) if chosen.version else ()
        return Proposal(ups, chosen.blocked(aim))


class Silent:
    def say(self, text: str) -> None:
        assert text

    def stage(self, name: str) -> ExitStack:
        assert name
        return ExitStack()


@dataclass
class Made:
    """Stands for an image; its findings are those of the version that it has."""

    upgrades: tuple[Upgrade, ...]
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def close(self) -> None:
        pass


class Run(Upgrader):
    """Makes no image: reading back gives what is planned, and the copies that were there before."""

    def _look(self, attempt: Attempt) -> Any:
        from careen.advisories.matching.match import match
        from careen.pipeline.upgrading.patch_findings import compare
        from careen.pipeline.upgrading.upgrades import _Found

        version = attempt.upgrades[0].target
        purl = f"pkg:pypi/pump@{version}"
        package = Package(Ecosystem.PYPI, "pump", version, purl, ImagePath("/pump"), ())
        copies = {
            each.purl: each
            for each in self.patching.survey.image.stock.packages.values()
            if each.presence is Presence.EMBEDDED
        }
        stock = Inventory({purl: package, **copies}, {})
        matched = match(stock, self.store)
        return _Found(stock, matched, compare(self.before, matched.findings))


class Imagined(Patching):
    """Makes no image."""

    def attempt(self, upgrades: Sequence[Upgrade]) -> Attempt:
        return cast("Attempt", Made(tuple(upgrades)))


@dataclass
class Refusing:
    """A manager whose source refuses."""

    name: str = "refusing"

    def claims(self, aim: Aim) -> bool:
        return aim.name == "valve"

    def propose(self, aims: Sequence[Aim], sandbox: object) -> Proposal:
        del aims, sandbox
        msg = "asking https://user:secret@index.example/:\n  403 Forbidden"
        raise ToolError(msg)


VALVE = "pkg:pypi/valve@1.0"


COPY = f"{PURL}?file_name=wheels/pump.whl"


def run(
    manager: Manager,
    *records: dict[str, Any],
    before: Sequence[Finding] = (OLD,),
    copied: bool = False,
) -> tuple[PatchPlan, Any]:
    known = source(affected("CVE-old", "0", "1.1", SEVERE), *records)
    package = Package(
        Ecosystem.PYPI, "pump", "1.0", PURL, ImagePath("/pump"), (), presence=Presence.INSTALLED
    )
    packages = {PURL: package, VALVE: replace(package, name="valve", purl=VALVE)}
    if copied:
        packages[COPY] = replace(package, purl=COPY, presence=Presence.EMBEDDED)
    stock = Inventory(packages, {})
    survey = Survey(
        Asked(IMAGE, cast("Any", {}), stock),
        PatchOptions(PatchChoices()),
        cast("Any", _Benches()),
        cast("Any", Silent()),
        (cast("Any", Refusing()), cast("Any", manager)),
        ExitStack(),
    )
    patching = Imagined(cast("Any", None), survey, cast("Any", Silent()), "")
    done = Run(patching, cast("Any", known), before, before, cast("Any", Silent())).run(None)
    return done.plan, done


class _Benches:
    """What opens a sandbox of which a container runs, or has ended."""

    running = True

    def open(self) -> Any:
        return nullcontext(
            SimpleNamespace(
                container=SimpleNamespace(
                    state=lambda: ContainerState(self.running, None if self.running else 137)
                )
            )
        )


def test_another_version_is_taken_where_the_first_raises_a_finding() -> None:
    manager = Manager(["1.1", "1.2", "1.3"])
    plan, done = run(manager, affected("CVE-2026-9", "1.2", "1.4", MILD))
    assert [each.target for each in plan.upgrades] == ["1.1"]
    assert manager.asked == ["", "!=1.3", "!=1.2,!=1.3"]
    assert not done.dropped
    assert not done.notes


def test_where_every_version_raises_one_the_heavier_side_decides_and_is_said() -> None:
    plan, done = run(Manager(["1.1"]), affected("CVE-2026-9", "1.1", "1.4", MILD))
    assert [each.target for each in plan.upgrades] == ["1.1"]
    (note,) = done.notes
    assert (
        note == "pump 1.0 to 1.1: closes 1 (1 critical) and raises CVE-2026-9 (low, pump 1.1);"
        " accepted, as the closed findings outweigh the new ones"
    )


def test_what_a_copy_in_an_archive_still_has_is_closed_where_it_was_upgraded() -> None:
    before = (OLD, replace(OLD, package=COPY))
    raising = affected("CVE-2026-9", "1.1", "1.4", MILD)
    plan, done = run(Manager(["1.1"]), raising, before=before, copied=True)
    assert [each.target for each in plan.upgrades] == ["1.1"]
    (note,) = done.notes
    assert note.startswith("pump 1.0 to 1.1: closes 1 (1 critical) and raises CVE-2026-9")


def test_what_raises_more_than_it_closes_stays_under_its_own_heading() -> None:
    plan, done = run(Manager(["1.1"]), affected("CVE-8", "1.1", "1.4", SEVERE))
    assert not plan.upgrades
    (blocked,) = plan.blocked
    assert (blocked.barrier, blocked.findings) == (BlockReason.RAISES, ("CVE-old",))
    (dropped,) = done.dropped
    assert dropped.barrier is BlockReason.RAISES
    assert (
        blocked.detail
        == dropped.reason
        == "closes 1 (1 critical) and raises CVE-8 (critical, pump 1.1): the closed findings do"
        " not outweigh the new ones"
    )


def test_a_finding_that_only_an_avoided_version_closes_stays_for_what_that_raises() -> None:
    late = replace(finding("CVE-late", Severity.LOW), fixed=("1.2",))
    records = affected("CVE-late", "0", "1.2", MILD), affected("CVE-8", "1.2", "1.4", SEVERE)
    plan, _ = run(Manager(["1.1", "1.2"]), *records, before=(OLD, late))
    assert [each.target for each in plan.upgrades] == ["1.1"]
    (blocked,) = plan.blocked
    assert (blocked.barrier, blocked.findings) == (BlockReason.RAISES, ("CVE-late",))
    assert "pump 1.2 has CVE-8" in blocked.detail


LEAK = replace(finding("CVE-leak", Severity.HIGH, purl=VALVE), name="valve")


def test_a_source_that_refuses_costs_its_own_manager_alone() -> None:
    plan, done = run(Manager(["1.1"]), before=(OLD, LEAK))
    assert [each.target for each in plan.upgrades] == ["1.1"]
    (blocked,) = plan.blocked
    assert (blocked.purl, blocked.findings, blocked.barrier) == (
        VALVE,
        ("CVE-leak",),
        BlockReason.UNSURVEYED,
    )
    (note,) = plan.notes
    assert note.startswith("refusing: not surveyed, asking https://")
    assert note.endswith("index.example/: 403 Forbidden")
    assert "secret" not in note + blocked.detail
    assert done.attempt is not None


def test_a_sandbox_that_has_ended_is_no_source_that_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_Benches, "running", False)
    with pytest.raises(ToolError, match="403 Forbidden"):
        run(Manager(["1.1"]), before=(OLD, LEAK))


def test_a_source_that_refuses_where_nothing_else_can_be_upgraded_is_an_error_and_not_nothing_to_do() -> (
    None
):
    with pytest.raises(ToolError, match="403 Forbidden"):
        run(Manager([]), before=(OLD, LEAK))


def test_a_source_that_refuses_to_be_asked_again_leaves_what_it_said_first() -> None:
    plan, done = run(
        Manager(["1.1", "1.2"], refuses_after=1), affected("CVE-2026-9", "1.2", "1.4", MILD)
    )
    assert [each.target for each in plan.upgrades] == ["1.2"]
    assert done.attempt is not None
    (note,) = plan.notes
    assert "fake: not asked for other versions" in note
    assert "secret" not in note
