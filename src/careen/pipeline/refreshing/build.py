"""Build one image of a pass: test, verify, promote, and return what the state keeps of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from careen.catalog.changes import package_steps, with_dates, without
from careen.catalog.families import family_of
from careen.catalog.recipe import Recipe
from careen.catalog.tags import BaseTags, base_tags
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.lock import Lock
from careen.model.catalog.refresh import BUILT, BaseEvent, BaseState, OpenFinding
from careen.oci.reference import in_registry
from careen.pipeline.catalog.build import BuildRequest, build_base
from careen.pipeline.refreshing.findings import counted, findings_of
from careen.pipeline.refreshing.served import free_day_tag, served
from careen.pipeline.refreshing.state import ADVICE, StateFile
from careen.pipeline.refreshing.work import Work
from careen.pipeline.run.session import Session, session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Examined
from careen.pipeline.run.timestamp import now
from careen.pipeline.watching.failure import rfc3339
from careen.pipeline.watching.inventory import keep_inventory
from careen.report.directory import write_report

_SPARE = "promoting"
_ROOM = 1 << 20


@dataclass(slots=True)
class _Build:
    """One build; `tags` and `findings` are known once the image is accepted."""

    wanted: Recipe
    work: Work
    file: StateFile
    before: BaseState
    session: Session
    tags: BaseTags | None = None
    first: str = ""
    findings: tuple[OpenFinding, ...] | None = None

    @property
    def day(self) -> str:
        return rfc3339(self.work.request.clock())[:10]

    def accept(self, examined: Examined, _: Lock) -> Destination:
        """Keep the inventory of the image, and return where it goes."""
        request = self.work.request
        self._keep(examined)
        found = examined.rootfs.find(family_of(self.wanted.distribution).version_file)
        version = b"" if found is None else examined.rootfs.read(found.path, 100)
        self.tags = base_tags(
            request.repository,
            self.wanted.entry,
            self.wanted.variant,
            version.decode("utf-8", "replace").strip(),
            self.day.replace("-", ""),
        )
        digest = str(examined.image.ref.digest)
        self.first = free_day_tag(self.tags, digest, self.session, push=request.push)
        return self.destination(self.tags)

    def destination(self, tags: BaseTags) -> Destination:
        """Return where the tags are given: the one of the day first."""
        names = [f"{tags.repository}:{tag}" for tag in (self.first or tags.day, *tags.moving)]
        if not self.work.request.push:
            return Destination(names[0])
        # all content is pushed by digest before the first tag is given
        return Destination(outputs=tuple(in_registry(name) for name in names))

    def _keep(self, examined: Examined) -> None:
        """Keep the inventory before anything is promoted: a full disk is found here."""
        image, state = examined.image.ref, self.work.request.state
        document = to_cyclonedx_sbom(
            self.wanted.entry.name, image.digest, examined.inventory, created=now(), files=False
        )
        keep_inventory(state, image.digest, document)
        write_report(state, {_SPARE: bytes(_ROOM)}, ADVICE)  # room for what is written after it
        if self.work.judged_by:
            found = findings_of(examined.inventory, self.work.request.database, self.day)
            before = self.before.findings or ()
            self.findings = None if found is None else with_dates(found, before)


def build_one(wanted: Recipe, file: StateFile, before: BaseState, work: Work) -> BaseState:
    """Build, test, verify and promote; return the new state, which is not written yet.

    Raises as `build_base`; then nothing was promoted.
    """
    request = work.request
    with session(request.settings, work.progress) as run:
        if wanted.tests:
            _ = run.engine  # without one the tests would not run, and nothing would be proved
        making = _Build(wanted, work, file, before, run)
        first = base_tags(request.repository, wanted.entry, wanted.variant, "", "0")
        asked = BuildRequest(
            name=wanted.entry.name,
            variant=wanted.variant,
            destination=making.destination(first),
            database=request.database,
            catalogs=request.catalogs,
            sources=request.sources,
            keyring=request.keyring,
            wheel_index=request.wheel_index if wanted.has_wheels else "",
            report=request.state / "reports" / file.key,
            against=request.against.get(wanted.entry.name, ""),
            accept=making.accept,
            choices={"entry": wanted.entry.name, "variant": wanted.variant.value, "lock": None},
        )
        try:
            built = build_base(asked, run)
        finally:
            (request.state / _SPARE).unlink(missing_ok=True)
        return _state(making, built)


def _state(making: _Build, built: BuiltBase) -> BaseState:
    tags, run, push = making.tags, making.session, making.work.request.push
    assert tags is not None  # noqa: S101 — `accept` was asked, else nothing is built
    names = tuple(f"{tags.repository}:{tag}" for tag in (making.first, *tags.moving))
    if not push:
        for name in names[1:]:
            run.store.client.call("tag", names[0], name, doing=f"tagging {names[0]} as {name}")
    before, found = making.before, making.findings
    event = BaseEvent(
        date=rfc3339(making.work.request.clock()),
        kind=BUILT,
        digest=built.measure.digest,
        tags=(making.first, *tags.moving),
        size_bytes=built.measure.size_bytes,
        packages=sum(built.measure.packages.values()),
        severities=None if found is None else counted(found),
        fixable=None if found is None else sum(each.fixable for each in found),
        **_differences(before, built.lock, found),
    )
    return BaseState(
        entry=before.entry,
        variant=before.variant,
        judged_by=making.work.judged_by,
        digest=built.measure.digest,
        served=served(names[0], run, push=push),
        names=names,
        lock=built.lock,
        findings=found,
        events=(*before.events, event),
    )


def _differences(
    before: BaseState, lock: Lock, found: tuple[OpenFinding, ...] | None
) -> Mapping[str, Any]:
    """Return what changed since the build before; nothing for the first one."""
    if before.lock is None:
        return {}
    steps = {"changed": package_steps(before.lock, lock)}
    if found is None or before.findings is None:
        return steps
    closed, new = without(before.findings, found), without(found, before.findings)
    return {**steps, "closed": closed, "new": new}
