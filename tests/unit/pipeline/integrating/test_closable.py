"""Which new fixes an upgrade may bring, asked before the work."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from careen.errors import CareenError, ToolError
from careen.inventory.index import write_index
from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import Blocked, BlockReason, PatchChoices, PatchPlan, Reach, Upgrade
from careen.pipeline.integrating import closable as module
from careen.pipeline.integrating.closable import Closable, closable
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.watching.work import Asking
from tests.support.boms import IMAGE
from tests.support.maven_folder import maven_jar, publish
from tests.support.plans import package
from tests.support.scan_reports import REPORT
from tests.support.trees import tree
from tests.unit.pipeline.integrating.test_configuration import REQUEST

DEB = package(Ecosystem.DEB, "libx", ("/usr/lib/libx.so",))
GO = package(Ecosystem.GOLANG, "example.org/x", ("/bin/x",))
JAR = package(Ecosystem.MAVEN, "org.example:widget", ("/opt/widget.jar",))
JAR = replace(JAR, record=JAR.files[0])


@dataclass
class Scene:
    """`answer` is what the package managers say, or how they fail; `asked` what they were asked."""

    folder: Path
    answer: PatchPlan | CareenError | None = None
    asked: list[Asking] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, *packages: Package, patch: bool = True, stored: bool = True) -> Closable:
        evidence = self.folder / "evidence"
        evidence.mkdir()
        if stored:
            files: Mapping[str, str] = {path: "" for each in packages for path in each.files}
            stock = Inventory({each.purl: each for each in packages}, {})
            (evidence / "index.json").write_bytes(write_index(tree({**files}), stock, IMAGE))
        wishes = PatchOptions(PatchChoices(maven=str(self.folder / "maven")))
        request = replace(
            REQUEST, patch=wishes if patch else None, database=self.folder / "advisories.db"
        )
        progress = SimpleNamespace(note=self.notes.append)
        findings = tuple(map(finding, packages))
        return closable(
            request, evidence, findings, cast("Any", SimpleNamespace(progress=progress))
        )

    def planned(self, asking: Asking, _database: Path, _session: object) -> PatchPlan:
        self.asked.append(asking)
        if isinstance(self.answer, CareenError):
            raise self.answer
        assert self.answer is not None
        return self.answer


def finding(of: Package) -> Finding:
    first = replace(REPORT.findings[0].finding, id=f"CVE-{of.name}", package=of.purl)
    return replace(first, name=of.name, version=of.version, fixed=("1.5",))


def plan(*blocked: Blocked, upgrades: tuple[Upgrade, ...] = ()) -> PatchPlan:
    return PatchPlan(IMAGE, Reach.SECURITY, upgrades, blocked)


HELD = Blocked(DEB.purl, "libx", "1", ("CVE-libx",), BlockReason.HELD, "by apt-mark")


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    scene = Scene(tmp_path)
    monkeypatch.setattr(module, "planned", scene.planned)
    return scene


def ids(found: Closable) -> list[str]:
    return [each.id for each in found.findings]


def test_what_the_inventory_rules_out_is_not_asked(scene: Scene) -> None:
    found = scene.of(GO)
    assert ids(found) == []
    assert found.why.startswith("no upgrade closes it: example.org/x 1: needs a rebuild (")
    assert scene.asked == []


def test_a_package_manager_is_asked_about_these_findings_alone(scene: Scene) -> None:
    scene.answer = plan(HELD)
    found = scene.of(GO, DEB)
    assert ids(found) == []
    assert "libx 1: held (by apt-mark)" in found.why
    assert [asking.wishes.choices.only for asking in scene.asked] == [("CVE-libx",)]


def test_what_a_package_manager_offers_may_be_closed(scene: Scene) -> None:
    group = ("libx", Ecosystem.DEB, "1", "1.5", "apt", "libx")
    scene.answer = plan(upgrades=(Upgrade(DEB.purl, *group, ("CVE-libx",)),))
    found = scene.of(GO, DEB)
    assert ids(found) == ["CVE-libx"]
    assert "example.org/x" in found.why


def test_one_fix_on_offer_is_reason_enough(scene: Scene) -> None:
    jar = maven_jar("org.example", "widget", "1.5")
    publish(scene.folder / "maven", "org.example:widget:1.5", jar)
    assert ids(scene.of(JAR, DEB)) == ["CVE-org.example:widget", "CVE-libx"]
    assert scene.asked == []


def test_a_source_that_does_not_answer_decides_nothing(scene: Scene) -> None:
    scene.answer = ToolError("apt does not answer")
    assert ids(scene.of(DEB)) == ["CVE-libx"]
    assert "apt does not answer" in scene.notes[0]


@pytest.mark.parametrize("given", [{"patch": False}, {"stored": False}])
def test_without_an_inventory_or_upgrades_nothing_is_ruled_out(
    scene: Scene, given: dict[str, bool]
) -> None:
    assert ids(scene.of(GO, **given)) == ["CVE-example.org/x"]
