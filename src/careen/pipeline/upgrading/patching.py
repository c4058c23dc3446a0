"""Patch one image: survey the upgrades, apply them on a sandbox, and make the image.

Used by `patch` and `harden --patch`.
"""

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from careen import __version__
from careen.errors import CareenError
from careen.model.packages.package import Inventory
from careen.model.patching import (
    Blocked,
    Dropped,
    PatchPlan,
    Upgrade,
)
from careen.model.runs.engine import PreparedImage
from careen.oci.changes.append import append_layer, squash_image
from careen.oci.changes.edit import HistoryNote
from careen.oci.created import created_from_environment
from careen.patch.credentials import without_credentials
from careen.patch.port import Applied, Patcher
from careen.patch.sandbox import INSIDE, Sandbox
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.proof.verify import load
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.upgrading.survey import Asked, Survey, by_barrier, surveying
from careen.rewrite.patched import PatchedFacts, patched_layer
from careen.rewrite.strip import ORIGINAL_DIGEST, PATCH_SHA256, VERSION

_WORDS = 500  # characters of a source's error
_NAMED = 6  # upgrades that the history names


@dataclass(slots=True)
class Attempt:
    """An image with some of the upgrades.

    `versions` map `manager:name` to what the image's own tools reported afterwards. The engine
    loads the image on its first run, and keeps it until `close`.
    """

    result: Examined
    upgrades: tuple[Upgrade, ...]
    layer_bytes: int
    versions: Mapping[str, str]
    notes: tuple[str, ...]
    session: Session
    _prepared: PreparedImage | None = None

    def prepared(self) -> PreparedImage:
        """Return the image, prepared for the engine."""
        if self._prepared is None:
            self._prepared = load(self.result.image, self.session.engine)
        return self._prepared

    def close(self) -> None:
        """Remove the image from the engine unless promoted, and close its files. Idempotent."""
        if self._prepared is not None:
            self.session.engine.discard(self._prepared)
        self._prepared = None
        self.result.image.close()


@dataclass(slots=True)
class Patching:
    """One image that is being patched; every attempt starts from the original."""

    original: Examined
    survey: Survey
    session: Session
    created: str

    def attempt(self, upgrades: Sequence[Upgrade]) -> Attempt | None:
        """Apply the upgrades on a fresh sandbox and make an image; None if nothing changed.

        Raises ToolError with the package manager's message.
        """
        scratch = self.session.scratch("patch")
        changes = scratch / "changes.tar"
        done: list[Applied] = []
        with self.survey.sandbox() as (sandbox, begun):
            for manager in self.survey.managers:
                theirs = [each for each in upgrades if each.manager == manager.name]
                if theirs:
                    self.session.say(f"upgrading {len(theirs)} packages with {manager.name}")
                    done.append(_applied(manager, theirs, sandbox))
            self.session.say("reading what has changed")
            sandbox.container.changes(changes)
        facts = PatchedFacts(created=self.created, begun=begun, mounts=(INSIDE,))
        placed = tuple(item for each in done for item in each.placed)
        removed = tuple(path for each in done for path in each.removed)
        layer = patched_layer(self.original.image, changes, placed, removed, facts, scratch)
        changes.unlink()
        if layer is None:
            return None
        versions = {name: version for each in done for name, version in each.versions.items()}
        return Attempt(
            self._image(layer, upgrades, scratch),
            tuple(upgrades),
            layer.stat().st_size,
            versions,
            tuple(without_credentials(note) for each in done for note in each.notes),
            self.session,
        )

    def _image(self, layer: Path, upgrades: Sequence[Upgrade], scratch: Path) -> Examined:
        original = self.original.image
        note = HistoryNote(history_line(upgrades), f"original {original.ref.digest}")
        annotations = {
            ORIGINAL_DIGEST: original.ref.digest,
            PATCH_SHA256: versions_digest(upgrades),
            VERSION: __version__,
        }
        image = append_layer(original, layer, note, annotations, self.created)
        if self.survey.wishes.squash:
            image = squash_image(image, scratch, note, annotations, self.created)
        return examine(image, self.session)


def history_line(upgrades: Sequence[Upgrade]) -> str:
    """Return the history entry: `careen patch: 12 upgrades: openssl 3.0.15-1 -> 3.0.17-1, …`."""
    named = ", ".join(
        (
            f"{each.name} {each.installed} -> {each.target}"
            if each.installed
            else f"{each.name} {each.target}"
        )
        for each in upgrades[:_NAMED]
    )
    more = f" and {len(upgrades) - _NAMED} more" if len(upgrades) > _NAMED else ""
    return (
        f"careen patch: {len(upgrades)} upgrade{'s' if len(upgrades) != 1 else ''}: {named}{more}"
    )


def versions_digest(upgrades: Sequence[Upgrade]) -> str:
    """Return the digest (hex) of what was upgraded to what, independent of the order."""
    lines = sorted(f"{each.manager}\0{each.purl}\0{each.target}\n" for each in upgrades)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _applied(manager: Patcher, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
    try:
        return manager.apply(upgrades, sandbox)
    except CareenError as error:
        names = ", ".join(sorted({each.name for each in upgrades})[:3])
        error.add_note(
            f"{manager.name} was upgrading {names}…; nothing was promoted and the original is as it"
            " was; --exclude NAME leaves one out"
        )
        raise


@contextmanager
def patching(
    original: Examined, stock: Inventory, wishes: PatchOptions, session: Session
) -> Iterator[Patching]:
    """Yield an image that can be patched, loaded in the engine, with its package managers."""
    created = created_from_environment(os.environ, original.image.config)
    image = Asked(original.image.ref, original.rootfs, stock)
    with (
        runnable(original, session) as prepared,
        surveying(image, prepared, created, wishes, session) as survey,
    ):
        yield Patching(original, survey, session, created)


Group = tuple[str, str]
"""Package manager and group; upgrades of a group are applied or dropped together."""


def group_of(upgrade: Upgrade) -> Group:
    """Return the group of an upgrade, distinct from other managers' groups."""
    return upgrade.manager, upgrade.group


def of_groups(upgrades: Sequence[Upgrade], groups: Collection[Group]) -> tuple[Upgrade, ...]:
    """Return the upgrades of these groups, in their order."""
    return tuple(each for each in upgrades if group_of(each) in groups)


def without(plan: PatchPlan, dropped: Sequence[Dropped]) -> PatchPlan:
    """Return the plan without dropped upgrades; their findings become blocked, with the reason."""
    gone = {group_of(each) for item in dropped for each in item.upgrades}
    blocked = [
        Blocked(each.purl, each.name, each.installed, each.closes, item.barrier, item.reason)
        for item in dropped
        for each in item.upgrades
        if each.closes
    ]
    kept = tuple(each for each in plan.upgrades if group_of(each) not in gone)
    return replace(
        plan, upgrades=kept, blocked=tuple(sorted((*plan.blocked, *blocked), key=by_barrier))
    )
