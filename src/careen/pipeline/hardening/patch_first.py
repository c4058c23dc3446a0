"""Upgrades of `harden --patch`, made before profiling."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.advisories.database.store import Store
from careen.errors import ConfigError
from careen.model.runs.workload import Workload
from careen.model.summary import PatchTotals
from careen.pipeline.findings.contents import Contents
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.findings.findings import match_original
from careen.pipeline.patch import unsuppressed
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.upgrading.patching import patching
from careen.pipeline.upgrading.sandbox import require_sandbox
from careen.pipeline.upgrading.trial import Tests
from careen.pipeline.upgrading.upgrades import Upgraded, Upgrader


@dataclass(slots=True)
class PatchedFirst:
    """The image that the later stages take for the original, and its upgrades."""

    upgrader: Upgrader
    done: Upgraded

    @property
    def image(self) -> Examined:
        """The patched image, or the user's own if nothing was upgraded."""
        return (
            self.done.attempt.result
            if self.done.attempt is not None
            else self.upgrader.patching.original
        )

    @property
    def changed(self) -> bool:
        """Whether a package was upgraded."""
        return self.done.attempt is not None

    def prove(self, workloads: tuple[Workload, ...], logs: Path) -> bool:
        """Drop the upgrades that break the tests; return False if nothing was upgraded.

        Raises WorkloadError if the original fails, too.
        """
        if not self.changed:
            return False
        self.done = self.upgrader.prove(self.done, Tests(workloads, logs))
        return True

    def totals(self) -> PatchTotals:
        """Return the figures for the summary."""
        return PatchTotals(
            upgrades=tuple(
                (each.upgrade.name, each.upgrade.installed, each.version)
                for each in self.done.upgraded
            ),
            closed=len(
                {(each.upgrade.purl, one) for each in self.done.upgraded for one in each.closed}
            ),
            dropped=tuple(
                (", ".join(sorted(each.name for each in item.upgrades)), item.reason)
                for item in self.done.dropped
            ),
            blocked=sum(len(each.findings) for each in self.done.plan.blocked),
            notes=(*self.done.plan.notes, *self.done.notes),
        )


@contextmanager
def patched_first(
    original: Examined, store: Store | None, heard: Heard, wishes: PatchOptions, session: Session
) -> Iterator[PatchedFirst]:
    """Yield the patched image.

    Raises ConfigError without a database, otherwise as `Upgrader.run`.
    """
    if store is None:
        msg = (
            "--patch needs an advisory database to know what to upgrade: `careen db update` makes"
            " one, or name one with --db"
        )
        raise ConfigError(msg)
    require_sandbox(session, wishes.choices)
    for words in wishes.taken:
        session.progress.note(words)
    with session.stage("findings"):
        known = match_original(Contents(original, session.known), None, store)
    with patching(original, known.stock, wishes, session) as ready:
        upgrader = Upgrader(
            ready,
            store,
            tuple(item.finding for item in known.items),
            unsuppressed(known, original.image.ref, original.rootfs, heard),
            session,
        )
        first = PatchedFirst(upgrader, upgrader.run(None))
        try:
            yield first
        finally:
            if first.done.attempt is not None:
                first.done.attempt.close()
