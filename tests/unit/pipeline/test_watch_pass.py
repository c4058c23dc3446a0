"""A pass over images with a made-up upstream, a made-up harden and a real advisory database: what
is done, and what is left alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import CareenError, ToolError, VerificationError
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.model.integration import Outcome
from careen.model.packages.package import Ecosystem
from careen.model.patching import Blocked, BlockReason, PatchChoices, PatchPlan, Reach
from careen.model.rbom import ImageRef
from careen.model.watching import ImageOutcome, WatchAction, WatchResult
from careen.pipeline import watch as watch_module
from careen.pipeline.db import import_into
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.run.settings import Destination, Settings
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.watch import WatchRequest, watch
from careen.pipeline.watching import image as watch_image
from careen.pipeline.watching.expand import Unlisted
from careen.pipeline.watching.harden import Made
from careen.pipeline.watching.image_list import Watched, load_list
from careen.pipeline.watching.inventory import FOLDER, keep_inventory
from careen.pipeline.watching.state import Upstream, read_state
from careen.pipeline.watching.work import Asking, Recipe, Work
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.progress import Progress, SilentProgress
from tests.support.made_records import inventory, package

pytestmark = pytest.mark.slow

FIXED: Mapping[str, Any] = {
    "id": "PYSEC-1",
    "aliases": ["CVE-2026-1"],
    "package": "loader",
    "fixed": "2.0",
}
OPEN: Mapping[str, Any] = {
    "id": "PYSEC-2",
    "aliases": ["CVE-2026-2"],
    "package": "loader",
    "fixed": "",
}
LIST = """
[[image]]
source = "web:1"
tag = "web:1-hardened"
config = "careen.toml"
[[image]]
source = "job:1"
tag = "job:1-hardened"
config = "careen.toml"
"""


def record(entry: Mapping[str, Any], minute: int = 0) -> dict[str, Any]:
    events = [{"introduced": "0"}, *([{"fixed": entry["fixed"]}] if entry["fixed"] else [])]
    affected = {
        "package": {"ecosystem": "PyPI", "name": entry["package"]},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    severity = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]
    return {
        "id": entry["id"],
        "aliases": entry["aliases"],
        "modified": f"2026-01-01T00:{minute:02d}:00Z",
        "affected": [affected],
        "severity": severity,
    }


@dataclass
class Scene:
    """`digests` are what the sources are now, `results` what docker's store has, `made` every image
    that was hardened, in order; `fails` is the next error.
    """

    folder: Path
    digests: dict[str, str] = field(
        default_factory=lambda: {"web:1": "sha256:web1", "job:1": "sha256:job1"}
    )
    results: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)
    fails: dict[str, CareenError] = field(default_factory=dict)
    clock: float = 1_000_000.0
    last: dict[str, tuple[str, tuple[str, int]]] = field(default_factory=dict)
    advised: int = 0
    asked: int = 0
    blocked: tuple[Blocked, ...] = ()
    found: bool = False

    def advise(self, *entries: Mapping[str, Any]) -> None:
        """Rebuild the database from these records."""
        self.advised += 1
        feeds = self.folder / f"feeds{self.advised}"
        feeds.mkdir()
        newest = record(
            {"id": "PYSEC-0", "aliases": [], "package": "nobody", "fixed": "1"}, self.advised
        )
        (feeds / "one").write_text(
            "".join(json.dumps(each) + "\n" for each in (newest, *map(record, entries)))
        )
        (self.folder / "a.db").unlink(missing_ok=True)
        import_into(feeds, self.folder / "a.db", SilentProgress(), smaller=True)

    def prepare(self, watched: Watched) -> Recipe:
        asking = Asking(watched.name, PatchOptions(PatchChoices()), Destination(), FindingPolicy())
        return Recipe(
            self.never,
            asking,
            FindingPolicy(),
            Settings(self.folder / "work"),
            self.folder,
            self.folder / "report",
        )

    def never(
        self, database: Path, progress: Progress, *, again: bool = False, push: bool = False
    ) -> Outcome:
        raise AssertionError(database, progress, again, push)

    def request(self) -> WatchRequest:
        return WatchRequest(
            load_list(self.folder / "images.toml"),
            self.folder / "state",
            self.prepare,
            lambda _: FindingPolicy(),
            self.folder / "a.db",
            clock=lambda: self.clock,
        )

    def run(self, *, push: bool = False, again: bool = False, dry_run: bool = False) -> WatchResult:
        return watch(
            replace(self.request(), push=push, again=again, dry_run=dry_run), SilentProgress()
        )

    def web(
        self, *, push: bool = False, again: bool = False, dry_run: bool = False
    ) -> ImageOutcome:
        return self.run(push=push, again=again, dry_run=dry_run).images[0]

    def harden(
        self,
        watched: Watched,
        _recipe: Recipe,
        _database: Path,
        work: Work,
        *,
        again: bool,
        push: bool,
    ) -> Made:
        """As `harden_image`: another image with the same package."""
        if watched.tag in self.fails:
            raise self.fails[watched.tag]
        if self.found and not again:
            if not push:  # else it is in the registry alone
                self.results[watched.tag] = "sha256:found"
            _keep(watched, work, "sha256:found")
            registry = "sha256:registry-found" if push else ""
            return Made("sha256:found", (), 7, found=True, pushed=registry)
        # The run of a pipeline does nothing where nothing has changed.
        inputs = (self.digests[watched.source], self.advised)
        last = (self.results.get(watched.tag, ""), inputs)
        found = push and not again and last == self.last.get(watched.tag)
        if not found:
            self.made.append(watched.tag)
            self.results[watched.tag] = f"sha256:{len(self.made)}"
        result = self.results[watched.tag]
        self.last[watched.tag] = (result, inputs)
        _keep(watched, work, result)
        done = Made(result, (), 7, found=found, why="" if found else "there is a fix now: CVE")
        if not push or "push" in self.fails:
            return replace(done, failure=self.fails.get("push") if push else None)
        self.pushed.append(watched.tag)
        return replace(done, pushed=f"sha256:registry-{watched.tag}")

    def plan(self, recipe: Recipe, _database: Path, _work: Work) -> PatchPlan:
        self.asked += 1
        return PatchPlan(
            ImageRef(
                "" if recipe.asking is None else recipe.asking.image,
                None,
                "sha256:0",
                (),
                "linux/amd64",
            ),
            Reach.SECURITY,
            (),
            self.blocked,
        )


def _keep(watched: Watched, work: Work, result: str) -> None:
    held = inventory(package(Ecosystem.PYPI, "loader", "1.5"))
    document = to_cyclonedx_sbom(watched.tag, "", held, created="2026-01-01T00:00:00Z")
    keep_inventory(work.state, result, document)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    (tmp_path / "images.toml").write_text(LIST)
    (tmp_path / "careen.toml").write_text('[workload.serve]\ntest = "true"\n')
    scene.advise()

    def upstream(watched: Watched, _known: Upstream, _skopeo: Skopeo) -> Upstream:
        if watched.source not in scene.digests:
            msg = f"{watched.source}: the registry does not answer"
            raise ToolError(msg)
        return Upstream(scene.digests[watched.source])

    monkeypatch.setattr(watch_module, "ask_upstream", upstream)
    monkeypatch.setattr(watch_module, "result_in_store", lambda tag: scene.results.get(tag, ""))
    monkeypatch.setattr(watch_image, "harden_image", scene.harden)
    monkeypatch.setattr(watch_image, "ask_for_upgrades", scene.plan)
    yield scene
    assert not list((tmp_path / "state").glob(".careen-*"))


def deeds(result: WatchResult) -> list[WatchAction]:
    return [image.deed for image in result.images]


def test_the_first_pass_hardens_all_and_the_next_one_nothing(scene: Scene) -> None:
    first = scene.run()
    assert deeds(first) == [WatchAction.HARDENED, WatchAction.HARDENED]
    assert (first.images[0].before, first.images[0].after, first.images[0].digest) == (
        7,
        0,
        "sha256:1",
    )
    second = scene.run()
    assert deeds(second) == [WatchAction.UNCHANGED, WatchAction.UNCHANGED]
    assert scene.made == ["web:1-hardened", "job:1-hardened"]
    assert second.status == 0


def test_a_new_upstream_hardens_that_image_alone(scene: Scene) -> None:
    scene.run()
    scene.digests["job:1"] = "sha256:job2"
    result = scene.run()
    assert deeds(result) == [WatchAction.UNCHANGED, WatchAction.HARDENED]
    assert result.images[1].changed == ("upstream",)
    assert sorted(path.name for path in (scene.folder / "state" / FOLDER).iterdir()) == [
        "sha256-1.cdx.json",
        "sha256-3.cdx.json",
    ]


def test_a_changed_careen_toml_and_a_file_that_it_names_harden_anew(scene: Scene) -> None:
    config = scene.folder / "careen.toml"
    config.write_text(f'{config.read_text()}[findings]\nignore_file = "known"\n')
    (scene.folder / "known").write_text("")
    scene.run()
    (scene.folder / "known").write_text("# looked at\n")
    assert scene.web().changed == ("configuration",)
    assert scene.web().deed is WatchAction.UNCHANGED


def test_an_advisory_without_a_fix_is_told_once_and_one_with_a_fix_hardens(scene: Scene) -> None:
    scene.run()
    scene.advise()
    web = scene.web()
    assert (web.deed, web.changed, web.detail) == (
        WatchAction.NOTED,
        ("advisories",),
        "the same is known against it",
    )
    scene.advise(OPEN)
    web = scene.web()
    assert (web.deed, web.before, web.after) == (WatchAction.NOTED, 0, 1)
    assert web.detail == "1 new, no fix: CVE-2026-2 in loader 1.5"
    assert scene.web().deed is WatchAction.UNCHANGED
    assert len(scene.made) == 2
    scene.advise(OPEN, FIXED)
    web = scene.web()
    assert (web.deed, web.detail) == (
        WatchAction.HARDENED,
        "1 may be fixed now: CVE-2026-1 in loader 1.5",
    )
    assert len(scene.made) == 4


def test_a_fix_that_becomes_known_hardens_and_what_is_gone_is_told(scene: Scene) -> None:
    scene.run()
    scene.advise(OPEN)
    scene.run()
    scene.advise({**OPEN, "fixed": "1.9"})
    assert scene.web(dry_run=True).deed is WatchAction.WOULD_HARDEN
    scene.results.clear()
    state = scene.folder / "state"
    assert scene.web(dry_run=True).changed == ("result is gone",)
    scene.results |= {"web:1-hardened": "sha256:1", "job:1-hardened": "sha256:2"}
    scene.advise()
    web = scene.web()
    assert (web.deed, web.detail, web.after) == (WatchAction.NOTED, "1 no longer known", 0)
    assert (
        read_state(state, load_list(scene.folder / "images.toml")[0].key, "web:1-hardened").verdict
        == ()
    )


def test_what_meets_no_condition_waits_for_one_that_does(scene: Scene) -> None:
    (scene.folder / "images.toml").write_text(
        LIST.replace('tag = "web:1-hardened"', 'tag = "web:1-hardened"\nwhen = "high,kev"')
    )
    scene.run()
    scene.advise(FIXED)
    web, job = scene.run().images
    assert (web.deed, job.deed) == (WatchAction.NOTED, WatchAction.HARDENED)
    assert (
        web.detail
        == "1 may be fixed now, but meet no condition of `when`: CVE-2026-1 in loader 1.5"
    )
    scene.advise(FIXED)
    assert scene.web().detail == "the same is known against it"
    (scene.folder / "images.toml").write_text(
        LIST.replace('tag = "web:1-hardened"', 'tag = "web:1-hardened"\nwhen = "low"')
    )
    assert scene.web().deed is WatchAction.HARDENED


def not_closed(barrier: BlockReason) -> tuple[Blocked, ...]:
    return (Blocked("pkg:pypi/loader@1.5", "loader", "1.5", ("CVE-2026-1",), barrier, "2.0"),)


def test_a_fix_that_no_source_offers_yet_is_asked_for_again_and_nothing_is_hardened_for_it(
    scene: Scene,
) -> None:
    (scene.folder / "images.toml").write_text(LIST.partition('[[image]]\nsource = "job')[0])
    scene.run()
    scene.advise(FIXED)
    scene.blocked = not_closed(BlockReason.UNAVAILABLE)
    web = scene.web()
    assert (web.deed, web.changed, web.after) == (WatchAction.NOTED, ("advisories",), 1)
    assert (
        web.detail
        == "1 may be fixed now: CVE-2026-1 in loader 1.5; no upgrade closes it: loader 1.5: not on"
        " offer (2.0); asked again after 1970-01-12T14:01:40Z"
    )
    assert scene.web().deed is WatchAction.UNCHANGED
    scene.clock += 15 * 60
    assert scene.web(dry_run=True).deed is WatchAction.UNCHANGED
    assert scene.web().detail.startswith("no upgrade closes it: loader 1.5: not on offer")
    scene.clock += 15 * 60
    assert scene.web().deed is WatchAction.UNCHANGED
    assert (scene.asked, len(scene.made)) == (2, 1)
    scene.clock += 15 * 60
    scene.blocked = ()
    web = scene.web()
    assert (web.deed, web.changed) == (WatchAction.HARDENED, ("on offer",))
    scene.clock += 1e6
    assert scene.web().deed is WatchAction.UNCHANGED
    assert (scene.asked, len(scene.made)) == (3, 2)


def test_a_source_that_never_offers_it_is_asked_ten_times(scene: Scene) -> None:
    (scene.folder / "images.toml").write_text(LIST.partition('[[image]]\nsource = "job')[0])
    scene.run()
    scene.advise(FIXED)
    scene.blocked = not_closed(BlockReason.UNAVAILABLE)
    for _ in range(14):
        scene.run()
        scene.clock += 24 * 3600
    assert scene.asked == 11
    assert scene.web().deed is WatchAction.UNCHANGED


def test_a_finding_that_waits_for_a_source_and_is_gone_is_not_asked_for(scene: Scene) -> None:
    (scene.folder / "images.toml").write_text(LIST.partition('[[image]]\nsource = "job')[0])
    scene.run()
    scene.advise(FIXED)
    scene.blocked = not_closed(BlockReason.UNAVAILABLE)
    scene.run()
    scene.advise()
    scene.clock += 24 * 3600
    assert scene.web().detail == "1 no longer known"
    assert scene.web().deed is WatchAction.UNCHANGED
    assert scene.asked == 1


def test_a_fix_that_another_package_does_not_allow_is_told_once(scene: Scene) -> None:
    scene.run()
    scene.advise(FIXED)
    scene.blocked = not_closed(BlockReason.PINNED)
    assert (
        scene.web().detail
        == "1 may be fixed now: CVE-2026-1 in loader 1.5; no upgrade closes it: loader 1.5: pinned"
        " (2.0)"
    )
    scene.clock += 24 * 3600
    assert scene.web().deed is WatchAction.UNCHANGED
    assert (scene.asked, len(scene.made)) == (2, 2)


def test_an_image_that_is_not_to_be_upgraded_is_not_hardened_for_a_fix(scene: Scene) -> None:
    (scene.folder / "images.toml").write_text(
        LIST.replace('tag = "web:1-hardened"', 'tag = "web:1-hardened"\npatch = false')
    )
    scene.run()
    scene.advise(FIXED)
    web = scene.web()
    assert web.deed is WatchAction.NOTED
    assert web.detail.endswith("; nothing is upgraded in this image (patch = false)")


def test_a_failure_is_kept_waits_and_is_tried_again_and_the_others_go_on(scene: Scene) -> None:
    scene.fails["web:1-hardened"] = VerificationError("test 1 failed\non the result")
    result = scene.run()
    assert deeds(result) == [WatchAction.FAILED, WatchAction.HARDENED]
    assert (result.status, result.images[0].detail) == (3, "test 1 failed on the result")
    scene.clock += 14 * 60
    result = scene.run()
    assert deeds(result) == [WatchAction.WAITING, WatchAction.UNCHANGED]
    assert result.status == 3
    assert (
        result.images[0].detail
        == "failed once since 1970-01-12T13:46:40Z, tried again after 1970-01-12T14:01:40Z: test 1"
        " failed on the result"
    )
    scene.clock += 2 * 60
    assert scene.web().deed is WatchAction.FAILED
    scene.clock += 20 * 60
    assert scene.web().deed is WatchAction.WAITING
    scene.fails.clear()
    assert scene.web(again=True).deed is WatchAction.HARDENED
    assert scene.run().status == 0


def test_a_failure_does_not_wait_when_its_inputs_are_others(scene: Scene) -> None:
    scene.fails["web:1-hardened"] = ToolError("the index does not answer")
    scene.run()
    scene.fails.clear()
    assert scene.web().deed is WatchAction.WAITING
    scene.digests["web:1"] = "sha256:web2"
    assert scene.web().deed is WatchAction.HARDENED


def test_a_source_that_cannot_be_told_fails_alone_and_changes_nothing(scene: Scene) -> None:
    scene.run()
    del scene.digests["web:1"]
    result = scene.run()
    assert (deeds(result), result.status) == ([WatchAction.FAILED, WatchAction.UNCHANGED], 1)
    assert result.images[0].detail == "web:1: the registry does not answer"
    scene.digests["web:1"] = "sha256:web1"
    assert scene.web().deed is WatchAction.UNCHANGED


def test_results_are_pushed_once_and_a_failed_push_is_made_up_for(scene: Scene) -> None:
    scene.run()
    scene.fails["push"] = ToolError("pushing web:1-hardened: denied")
    assert scene.web(push=True, dry_run=True).deed is WatchAction.WOULD_PUSH
    assert scene.web(push=True).deed is WatchAction.FAILED
    scene.fails.clear()
    scene.clock += 15 * 60
    web = scene.web(push=True)
    assert (web.deed, web.pushed) == (WatchAction.PUSHED, "sha256:registry-web:1-hardened")
    assert scene.web(push=True).deed is WatchAction.UNCHANGED
    assert scene.pushed == ["web:1-hardened", "job:1-hardened"]
    scene.results.clear()  # a machine that is new each time
    assert scene.web(push=True).deed is WatchAction.UNCHANGED
    assert scene.made == ["web:1-hardened", "job:1-hardened"]


def test_a_result_that_could_not_be_pushed_is_pushed_by_the_next_pass(scene: Scene) -> None:
    scene.fails["push"] = ToolError("pushing web:1-hardened: denied")
    first = scene.web(push=True)
    assert (first.deed, first.detail) == (WatchAction.FAILED, "pushing web:1-hardened: denied")
    assert (first.digest, first.pushed) == ("sha256:1", "")
    assert scene.web(push=True).deed is WatchAction.WAITING
    scene.fails.clear()
    scene.clock += 15 * 60
    web = scene.web(push=True)
    assert (web.deed, web.pushed) == (WatchAction.PUSHED, "sha256:registry-web:1-hardened")
    assert scene.made.count("web:1-hardened") == 1


def test_a_push_whose_run_makes_a_new_result_keeps_that(scene: Scene) -> None:
    (scene.folder / "images.toml").write_text(
        LIST.replace('tag = "web:1-hardened"', 'tag = "web:1-hardened"\nwhen = "high,kev"')
    )
    scene.run()
    scene.advise(FIXED)  # meets no condition of `when`, and is a reason to the run of a pipeline
    web = scene.web(push=True)
    assert (web.deed, web.digest) == (WatchAction.HARDENED, "sha256:3")
    assert (web.pushed, web.before, web.after) == ("sha256:registry-web:1-hardened", 1, 0)
    assert web.detail.endswith("; there is a fix now: CVE")
    state = read_state(
        scene.folder / "state", load_list(scene.folder / "images.toml")[0].key, web.tag
    )
    assert (state.result, state.pushed, state.verdict) == ("sha256:3", "sha256:3", ())
    assert (scene.folder / "state" / FOLDER / "sha256-3.cdx.json").is_file()
    assert scene.web(push=True).deed is WatchAction.UNCHANGED


def test_what_another_verb_has_pushed_is_found_without_docker_having_it(scene: Scene) -> None:
    scene.found = True
    web = scene.web(push=True)
    assert (web.deed, web.pushed) == (WatchAction.NOTED, "sha256:registry-found")
    assert (scene.results, scene.pushed, scene.made) == ({}, [], [])
    assert scene.web(push=True).deed is WatchAction.UNCHANGED


def test_images_that_are_left_out_fail_and_the_others_go_on(scene: Scene) -> None:
    error = ToolError("the registry does not answer")
    left_out = Unlisted("docker://r.example/team/", "r.example/{repository}:{tag}", error)
    result = watch(replace(scene.request(), unlisted=(left_out,)), SilentProgress())
    assert (deeds(result), result.status) == (
        [WatchAction.HARDENED, WatchAction.HARDENED, WatchAction.FAILED],
        1,
    )
    last = result.images[-1]
    assert (last.source, last.tag, last.detail) == (
        "docker://r.example/team/",
        "r.example/{repository}:{tag}",
        "the registry does not answer",
    )


def test_a_result_that_is_gone_is_made_again(scene: Scene) -> None:
    scene.run()
    scene.results["web:1-hardened"] = "sha256:somebody-elses"
    assert scene.web().changed == ("result is gone",)


def test_a_dry_run_writes_nothing(scene: Scene) -> None:
    assert deeds(scene.run(dry_run=True)) == [WatchAction.WOULD_HARDEN, WatchAction.WOULD_HARDEN]
    assert not (scene.folder / "state").exists()
    scene.run()
    before = {
        path: path.read_bytes() for path in (scene.folder / "state").rglob("*") if path.is_file()
    }
    scene.advise(FIXED)
    web = scene.web(dry_run=True)
    assert (web.deed, web.detail) == (
        WatchAction.WOULD_HARDEN,
        "1 may be fixed now: CVE-2026-1 in loader 1.5",
    )
    assert {
        path: path.read_bytes() for path in (scene.folder / "state").rglob("*") if path.is_file()
    } == before


def test_a_damaged_state_begins_anew_and_says_so(scene: Scene) -> None:
    scene.run()
    key = load_list(scene.folder / "images.toml")[0].key
    (scene.folder / "state" / f"{key}.state.json").write_text("{")
    web = scene.web()
    assert web.deed is WatchAction.HARDENED
    assert web.detail.startswith("its state is reset: ")
    assert scene.web().deed is WatchAction.UNCHANGED


def test_an_inventory_that_is_gone_with_its_image_hardens_anew(scene: Scene) -> None:
    scene.run(push=True)
    scene.results.clear()
    for path in (scene.folder / "state" / FOLDER).iterdir():
        path.write_bytes(path.read_bytes()[:100])
    scene.advise()
    assert scene.web(push=True).changed == ("inventory is gone",)


def test_a_database_that_is_not_there_fails_each_image(scene: Scene) -> None:
    (scene.folder / "a.db").unlink()
    result = scene.run()
    assert deeds(result) == [WatchAction.FAILED, WatchAction.FAILED]
    assert "there is no advisory database" in result.images[0].detail


def test_a_fault_of_ours_is_told_and_the_others_go_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(
        watched: Watched, recipe: Recipe, database: Path, work: Work, *, again: bool, push: bool
    ) -> Made:
        if watched.tag.startswith("job"):
            return Made("x", (), None)
        without = replace(work, state=None)  # type: ignore[arg-type]
        return scene.harden(watched, recipe, database, without, again=again, push=push)

    monkeypatch.setattr(watch_image, "harden_image", broken)
    result = scene.run()
    assert deeds(result) == [WatchAction.FAILED, WatchAction.HARDENED]
    assert result.images[0].detail.startswith("internal error: TypeError: ")


def test_a_result_of_another_verb_is_taken_over(scene: Scene) -> None:
    scene.found = True
    first = scene.web()
    assert (first.deed, first.digest) == (WatchAction.NOTED, "sha256:found")
    assert first.detail == "a result of these inputs was there already"
    assert scene.web().deed is WatchAction.UNCHANGED
    assert scene.made == []
    assert scene.web(again=True).deed is WatchAction.HARDENED
    assert scene.made == ["web:1-hardened", "job:1-hardened"]
