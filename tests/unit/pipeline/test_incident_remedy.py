"""The fix of an image by what is stored of its last result: real files of a run, no image."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from careen.advisories.database.importing import import_directory
from careen.errors import ConfigError
from careen.evidence.directory.manifest import Manifest
from careen.inventory.index import write_index
from careen.model.history import Named
from careen.model.incident import Fix, IncidentImage
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import FileUse, Run, RuntimeBom, UsedFile
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.incidents.known import known_of
from careen.pipeline.incidents.removals import NAME, keep_removals, removals_of
from careen.pipeline.incidents.update import Known
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.state import write_state
from careen.pipeline.integrating.stored import keep_index
from careen.pipeline.run.settings import Destination
from careen.pipeline.upgrading.options import PatchOptions
from careen.plan.store import write_plan
from careen.rbom.store import write_rbom
from tests.support.boms import IMAGE, RUN, START
from tests.support.maven_folder import flaw, maven_jar, publish
from tests.support.trees import tree
from tests.unit.pipeline.integrating.test_configuration import REQUEST
from tests.unit.pipeline.integrating.test_state import STORED

CVE = "CVE-2026-1002"
JAR = ImagePath("/opt/app/lib/widget[1].jar")
APP = ImagePath("/opt/app/app.jar")
WIDGET = Package(
    Ecosystem.MAVEN, "org.example:widget", "1.0", "pkg:maven/org.example/widget@1.0", JAR, (JAR,)
)
SHADED = replace(
    WIDGET,
    record=APP,
    files=(APP,),
    presence=Presence.EMBEDDED,
    evidence="pom.properties (shaded)",
)
RESULT = replace(IMAGE, config_digest=f"sha256:{'9' * 64}", manifest_digest=None)


@dataclass
class Stored:
    """A result that is stored: `used` files, and why the plan keeps each path."""

    folder: Path
    package: Package = WIDGET
    used: Mapping[ImagePath, Use] = field(default_factory=dict)
    code: str = "java-class-path"
    run: Run = RUN
    level: Level = Level.CLOSURE
    patch: bool = True
    versions: tuple[str, ...] = ("1.1",)
    gone: bool = False

    def write(self) -> None:
        evidence = self.folder / "web/evidence"
        evidence.mkdir(parents=True)
        rootfs = tree({JAR: b"jar", APP: b"app"})
        stock = Inventory({self.package.purl: self.package}, {})
        (evidence / "index.json").write_bytes(write_index(rootfs, stock, IMAGE))
        bom = RuntimeBom(IMAGE, (self.run,), tuple(self._used()), (), {}, (), {})
        (evidence / "rbom.json").write_bytes(write_rbom(bom))
        (evidence / "plan.json").write_bytes(write_plan(self._plan(rootfs)))
        image, result = (Named("web:1", each.config_digest) for each in (IMAGE, RESULT))
        manifest = Manifest("1", image, result, (), "", "", {})
        (evidence / "manifest.json").write_bytes(manifest.written())
        left = tree({APP: b"app"}) if self.gone else rootfs
        keep_index(self.folder / "web", left, Inventory({}, {}) if self.gone else stock, RESULT)
        state = replace(STORED, result=RESULT.config_digest, files=files_of(evidence))
        write_state(self.folder / "web", state)
        for version in self.versions:
            jar = maven_jar("org.example", "widget", version)
            publish(self.folder / "maven", f"org.example:widget:{version}", jar)

    def _used(self) -> list[UsedFile]:
        seen = {APP: Use.OPENED, **self.used}
        return [
            UsedFile(path, "file", "a" * 64, 3, "", (), (FileUse(use, START, "/java", "web"),))
            for path, use in sorted(seen.items())
        ]

    def _plan(self, rootfs: Rootfs) -> Plan:
        why = {JAR: self.code, APP: "observed"}
        keep = {
            entry.path: Reason(why.get(entry.path, "directory"), "so it is") for entry in rootfs
        }
        return Plan(IMAGE, self.level, keep, {}, {}, "0" * 64)

    def known(self, refused: str = "") -> Known:
        if not self.folder.joinpath("web").exists():
            self.write()
        feeds = self.folder / "feeds"
        feeds.mkdir(exist_ok=True)
        (feeds / "maven").write_text(json.dumps(flaw(2, "1.1")) + "\n")
        import_directory(feeds, self.folder / "db", lambda _: None)
        wishes = PatchOptions(PatchChoices(maven=str(self.folder / "maven")))
        request = replace(
            REQUEST,
            folder=self.folder / "web",
            evidence=self.folder / "web/evidence",
            database=self.folder / "db",
            destination=Destination("web:hardened"),
            patch=wishes if self.patch else None,
        )
        image = IncidentImage("web:hardened", "web:1", "loaded", None, 1, refused=refused)
        return known_of(CVE, image, request)


def test_what_nothing_uses_is_removed_even_if_an_upgrade_is_on_offer(tmp_path: Path) -> None:
    found = Stored(tmp_path).known()
    assert (found.remedy.fix, found.remedy.removes) == (
        Fix.REMOVE,
        ("/opt/app/lib/widget[[]1].jar",),
    )
    assert found.remedy.upgrades
    assert "kept so far by java-class-path" in found.remedy.why


@pytest.mark.parametrize(
    "more",
    [
        {"used": {JAR: Use.OPENED}},
        {"used": {JAR: Use.LOOKED_UP}},
        {"code": "user-keep"},
        {"code": "rule:fonts"},
        {"code": "elf-needed"},
        {"level": Level.PACKAGE},
        {"run": replace(RUN, sensor=replace(RUN.sensor, losses={"ring_full": 1}))},
        {"run": replace(RUN, tests=())},
    ],
)
def test_what_is_used_or_needed_is_upgraded(tmp_path: Path, more: dict[str, object]) -> None:
    found = Stored(tmp_path, **more).known()  # type: ignore[arg-type]
    assert found.remedy.fix is Fix.UPGRADE
    assert found.remedy.why.startswith("a fixed version is on offer; not removed: ")


def test_a_removal_that_was_refused_is_not_tried_again(tmp_path: Path) -> None:
    assert Stored(tmp_path).known("its tests fail").remedy.fix is Fix.UPGRADE
    alone = Stored(tmp_path / "alone", patch=False)
    assert alone.known().remedy.fix is Fix.REMOVE
    none = alone.known("its tests fail").remedy
    assert none.why.endswith("says patch = false; not removed: its tests fail")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"package": SHADED}, "widget 1.0: needs a rebuild (its classes were copied into"),
        ({"versions": ()}, "widget 1.0: not on offer ("),
        ({"versions": ("2.0",)}, "widget 1.0: major only ("),
        ({"patch": False}, "widget 1.0: its entry of the list says patch = false"),
    ],
)
def test_what_nothing_can_fix_has_its_reason_and_a_statement(
    tmp_path: Path, more: dict[str, object], why: str
) -> None:
    given = {"used": {JAR: Use.MAPPED}, **more}
    found = Stored(tmp_path, **given).known()  # type: ignore[arg-type]
    assert found.remedy.fix is Fix.NONE
    assert why in found.remedy.why
    assert "not removed: /opt/app/" in found.remedy.why
    assert found.document is not None
    (stated,) = json.loads(found.document)["statements"]
    assert stated["vulnerability"]["name"] == CVE
    assert stated["status"] == found.vex


def test_what_is_gone_is_not_affected(tmp_path: Path) -> None:
    found = Stored(tmp_path, gone=True).known()
    assert (found.remedy.fix, found.vex) == (
        Fix.NOT_KNOWN,
        "not_affected (component_not_present)",
    )


def test_without_a_result_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    found = Stored(tmp_path).known()
    assert (found.remedy.fix, found.remedy.why) == (Fix.NOT_KNOWN, "no result of it is stored")
    assert found.document is None


def test_evidence_that_was_changed_is_not_judged_by(tmp_path: Path) -> None:
    stored = Stored(tmp_path)
    stored.write()
    (tmp_path / "web/evidence/rbom.json").write_text("{}")
    assert "was changed" in stored.known().remedy.why


def test_removals_are_kept_by_incident(tmp_path: Path) -> None:
    assert removals_of(tmp_path) == {}
    keep_removals(tmp_path, "CVE-1", ("/a",))
    keep_removals(tmp_path, "CVE-2", ("/b", "/c"))
    keep_removals(tmp_path, "CVE-1", ())
    assert removals_of(tmp_path) == {"CVE-2": ("/b", "/c")}
    (tmp_path / NAME).write_text("{")
    with pytest.raises(ConfigError, match=NAME):
        removals_of(tmp_path)
