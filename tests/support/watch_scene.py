"""Passes over images with a made-up upstream and harden, and a real advisory database."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import CareenError, ToolError
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.model.packages.package import Ecosystem
from careen.model.patching import Blocked, PatchPlan, Reach
from careen.model.rbom import ImageRef
from careen.model.watching import ImageOutcome, WatchResult
from careen.pipeline import watch as watch_module
from careen.pipeline.db import import_into
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.harden import HardenRequest
from careen.pipeline.run.settings import Destination, PlanChoices, Settings
from careen.pipeline.watch import WatchRequest, watch
from careen.pipeline.watching import image as watch_image
from careen.pipeline.watching.harden import Made
from careen.pipeline.watching.image_list import Watched, load_list
from careen.pipeline.watching.inventory import keep_inventory
from careen.pipeline.watching.state import Upstream
from careen.pipeline.watching.work import Recipe, Work
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.progress import Progress, SilentProgress
from tests.support.made_records import inventory, package

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
    advised: int = 0
    asked: int = 0
    blocked: tuple[Blocked, ...] = ()
    version: str = "1.5"  # of the package in the next result

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
        request = HardenRequest(
            watched.name,
            (),
            PlanChoices(),
            Destination(watched.tag),
            self.folder / "report",
            self.folder / "a.db",
            judgement=FindingPolicy(fail_on=()),
        )
        return Recipe(request, Settings(self.folder / "work"), self.folder)

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

    def harden(self, watched: Watched, _recipe: Recipe, _database: Path, work: Work) -> Made:
        """As `harden_image`: another image with the same package."""
        if watched.tag in self.fails:
            raise self.fails[watched.tag]
        self.made.append(watched.tag)
        result = self.results[watched.tag] = f"sha256:{len(self.made)}"
        held = inventory(package(Ecosystem.PYPI, "loader", self.version))
        keep_inventory(
            work.state,
            result,
            to_cyclonedx_sbom(watched.tag, "", held, created="2026-01-01T00:00:00Z"),
        )
        return Made(result, (), 7)

    def plan(self, recipe: Recipe, _database: Path, _work: Work) -> PatchPlan:
        self.asked += 1
        return PatchPlan(
            ImageRef(recipe.request.image, None, "sha256:0", (), "linux/amd64"),
            Reach.SECURITY,
            (),
            self.blocked,
        )

    def push(self, tag: str, _settings: Settings, _progress: Progress) -> str:
        if "push" in self.fails:
            raise self.fails["push"]
        self.pushed.append(tag)
        return f"sha256:registry-{tag}"


@contextmanager
def watch_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Yield the scene of two images, and see that nothing half written is left."""
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
    monkeypatch.setattr(watch_image, "push_result", scene.push)
    yield scene
    assert not list((tmp_path / "state").glob(".careen-*"))
