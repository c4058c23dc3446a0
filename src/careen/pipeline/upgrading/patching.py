"""Patch one image: survey the upgrades, apply them on a sandbox, and make the image.

Used by `patch` and `harden --patch`.
"""

import hashlib
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen import __version__
from careen.errors import CareenError, ToolError
from careen.model.findings.finding import Finding
from careen.model.packages.package import Inventory
from careen.model.patching import (
    Aim,
    Blocked,
    BlockReason,
    Dropped,
    PatchChoices,
    PatchPlan,
    Upgrade,
)
from careen.model.runs.engine import PreparedImage
from careen.oci.changes.append import append_layer, squash_image
from careen.oci.changes.edit import HistoryNote
from careen.oci.created import created_from_environment, epoch_seconds
from careen.patch.aims import aims, rate
from careen.patch.credentials import without_credentials
from careen.patch.find import patchers
from careen.patch.guard import apply_policy
from careen.patch.policy import Policy
from careen.patch.port import Applied, Ground, Patcher, Proposal
from careen.patch.rebuild import explain
from careen.patch.sandbox import INSIDE, Sandbox
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.proof.verify import load
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine
from careen.pipeline.upgrading.sandbox import (
    SandboxFactory,
    make_scratch,
    require_place,
    tooling_image,
)
from careen.rewrite.patched import PatchedFacts, patched_layer
from careen.rewrite.strip import ORIGINAL_DIGEST, PATCH_SHA256, VERSION

_WORDS = 500  # characters of a source's error
_NAMED = 6  # upgrades that the history names


@dataclass(frozen=True, slots=True)
class PatchOptions:
    """The user's choices for patching; `squash` makes the result one layer.

    `taken` names in words the choices that come from this machine's settings.
    """

    choices: PatchChoices
    policy: Policy = field(default_factory=Policy)
    squash: bool = False
    taken: tuple[str, ...] = ()


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
    stock: Inventory
    wishes: PatchOptions
    sandboxes: SandboxFactory
    session: Session
    managers: tuple[Patcher, ...]
    created: str
    opened: ExitStack
    _first: tuple[Sandbox, float, ExitStack] | None = None
    _asked: list[tuple[Patcher, list[Aim]]] = field(default_factory=list)

    def survey(self, findings: Sequence[Finding]) -> PatchPlan:
        """Ask every package manager for upgrades that close the findings; change nothing.

        If a source does not answer, only its manager's findings are UNSURVEYED. Raises ToolError if
        a source failed and nothing else can be upgraded, or if the container ended.
        """
        choices = self.wishes.choices
        aimed = aims(findings, self.stock, choices, self.wishes.policy, self.stock.distribution)
        blocked: list[Blocked] = [*aimed.blocked]
        upgrades: list[Upgrade] = []
        notes: list[str] = [*aimed.notes]
        left = list(aimed.aims)
        asked: list[tuple[Patcher, list[Aim]]] = []
        for manager in self.managers:
            theirs = [aim for aim in left if manager.claims(aim)]
            left = [aim for aim in left if aim not in theirs]
            if theirs:
                asked.append((manager, theirs))
        blocked += explain(Ground(self.original.rootfs, self.stock, choices), left)
        if asked:
            begun, stack = time.time(), self.opened.enter_context(ExitStack())
            sandbox = stack.enter_context(self.sandboxes.open())
            refusals: list[ToolError] = []
            for manager, theirs in asked:
                self.session.say(f"asking {manager.name} about {len(theirs)} packages")
                try:
                    proposal = manager.propose(theirs, sandbox)
                except ToolError as error:
                    if not sandbox.container.state().running:
                        raise  # the container is gone, not a source
                    refusals.append(error)
                    proposal = _unsurveyed(manager, theirs, error)
                offer = self._allowed(manager, theirs, proposal)
                upgrades += offer.upgrades
                blocked += offer.blocked
                notes += offer.notes
            if refusals and not upgrades:
                raise refusals[0]
            self._first = (
                sandbox,
                begun,
                stack,
            )  # asking changes nothing, so the first attempt uses this sandbox
        self._asked = asked
        order = {manager.name: number for number, manager in enumerate(self.managers)}
        return PatchPlan(
            image=self.original.image.ref,
            reach=choices.reach,
            upgrades=tuple(
                sorted(upgrades, key=lambda each: (order[each.manager], each.group, each.purl))
            ),
            blocked=tuple(sorted(blocked, key=_by_barrier)),
            notes=tuple(dict.fromkeys(notes)),
            ratings=rate(findings),
        )

    def _allowed(self, manager: Patcher, theirs: Sequence[Aim], proposal: Proposal) -> Proposal:
        return apply_policy(
            _checked(manager, theirs, proposal).without_credentials(),
            self.stock,
            self.wishes.choices,
            self.wishes.policy,
        )

    def again(self, plan: PatchPlan, avoid: Mapping[str, Mapping[str, str]]) -> PatchPlan:
        """Ask some managers again without some versions (purl → version → reason).

        A manager whose source does not answer keeps its part of `plan`, the result of `survey`.
        """
        asked = [
            (manager, theirs)
            for manager, theirs in self._asked
            if any(aim.purl in avoid for aim in theirs)
        ]
        if not asked or self._first is None:
            return plan
        sandbox, _, _ = self._first
        for manager, theirs in asked:
            self.session.say(f"asking {manager.name} for versions that add no finding")
            without_them = [_avoiding(aim, avoid.get(aim.purl, {})) for aim in theirs]
            try:
                offer = self._allowed(manager, without_them, manager.propose(without_them, sandbox))
            except ToolError as error:
                plan = replace(
                    plan,
                    notes=(
                        *plan.notes,
                        f"{manager.name}: not asked for other versions, {_in_one_line(error)}",
                    ),
                )
                continue
            mine = {aim.purl for aim in theirs}
            blocked = [_avoided(each, avoid, theirs) for each in offer.blocked]
            upgrades = [each for each in plan.upgrades if each.manager != manager.name]
            order = {each.name: number for number, each in enumerate(self.managers)}
            plan = replace(
                plan,
                upgrades=tuple(
                    sorted(
                        (*upgrades, *offer.upgrades),
                        key=lambda each: (order[each.manager], each.group, each.purl),
                    )
                ),
                blocked=tuple(
                    sorted(
                        (
                            *(
                                each
                                for each in plan.blocked
                                if each.purl not in mine or not _is_aimed(each, theirs)
                            ),
                            *blocked,
                        ),
                        key=_by_barrier,
                    )
                ),
                notes=tuple(dict.fromkeys((*plan.notes, *offer.notes))),
            )
        return plan

    def attempt(self, upgrades: Sequence[Upgrade]) -> Attempt | None:
        """Apply the upgrades on a fresh sandbox and make an image; None if nothing changed.

        Raises ToolError with the package manager's message.
        """
        scratch = self.session.scratch("patch")
        changes = scratch / "changes.tar"
        done: list[Applied] = []
        with self._sandbox() as (sandbox, begun):
            for manager in self.managers:
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

    @contextmanager
    def _sandbox(self) -> Iterator[tuple[Sandbox, float]]:
        """Yield a sandbox without upgrades, and when it was opened."""
        if self._first is not None:
            sandbox, begun, stack = self._first
            self._first = None
            with stack:
                yield sandbox, begun
            return
        begun = time.time()
        with self.sandboxes.open() as sandbox:
            yield sandbox, begun

    def _image(self, layer: Path, upgrades: Sequence[Upgrade], scratch: Path) -> Examined:
        original = self.original.image
        note = HistoryNote(history_line(upgrades), f"original {original.ref.digest}")
        annotations = {
            ORIGINAL_DIGEST: original.ref.digest,
            PATCH_SHA256: versions_digest(upgrades),
            VERSION: __version__,
        }
        image = append_layer(original, layer, note, annotations, self.created)
        if self.wishes.squash:
            image = squash_image(image, scratch, note, annotations, self.created)
        return examine(image, self.session)


def _avoiding(aim: Aim, versions: Mapping[str, str]) -> Aim:
    if not versions:
        return aim
    holes = ",".join(f"!={version}" for version in sorted(versions))
    return replace(
        aim,
        limit=f"{aim.limit},{holes}" if aim.limit else holes,
        word=aim.word or "; ".join(versions[each] for each in sorted(versions)),
    )


def _avoided(
    blocked: Blocked, avoid: Mapping[str, Mapping[str, str]], aims: Sequence[Aim]
) -> Blocked:
    """Return the entry as RAISES if its version was avoided for its findings, not by the user."""
    limited = {aim.purl for aim in aims if aim.limit}
    if (
        blocked.barrier is BlockReason.EXCLUDED
        and blocked.purl in avoid
        and blocked.purl not in limited
    ):
        return replace(blocked, barrier=BlockReason.RAISES)
    return blocked


def _is_aimed(blocked: Blocked, aims: Sequence[Aim]) -> bool:
    """Return whether a package manager reported the entry about an aim."""
    # Entries without a fix come from before the survey.
    return any(
        aim.purl == blocked.purl and not aim.fixes.keys().isdisjoint(blocked.findings)
        for aim in aims
    )


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


def _unsurveyed(manager: Patcher, theirs: Sequence[Aim], error: ToolError) -> Proposal:
    """Return the proposal of a manager whose source does not answer."""
    words = _in_one_line(error)
    return Proposal(
        blocked=tuple(aim.blocked(BlockReason.UNSURVEYED, words) for aim in theirs),
        notes=(f"{manager.name}: not surveyed, {words}",),
    )


def _in_one_line(error: ToolError) -> str:
    return " ".join(without_credentials(str(error)).split())[:_WORDS]


def _checked(manager: Patcher, theirs: Sequence[Aim], offer: Proposal) -> Proposal:
    """Check that a patcher answered every finding of every aim."""
    # A finding without an answer would vanish from the report.
    answered = {(each.purl, finding) for each in offer.blocked for finding in each.findings}
    answered |= {(each.purl, finding) for each in offer.upgrades for finding in each.closes}
    lost = [
        (aim.purl, finding)
        for aim in theirs
        for finding in aim.fixes
        if (aim.purl, finding) not in answered
    ]
    if lost:
        msg = (
            f"{manager.name}: said nothing about {lost[0][1]} of {lost[0][0]} (and {len(lost) - 1}"
            " more): this is a bug in careen, please report it"
        )
        raise ToolError(msg)
    return offer


@contextmanager
def patching(
    original: Examined, stock: Inventory, wishes: PatchOptions, session: Session
) -> Iterator[Patching]:
    """Yield an image that can be patched, loaded in the engine, with its package managers."""
    created = created_from_environment(os.environ, original.image.config)
    require_place(original.rootfs)
    with (
        runnable(original, session) as prepared,
        tooling_image(wishes.choices.tooling, session) as tooling,
    ):
        sandboxes = SandboxFactory(
            prepared,
            wishes.choices,
            epoch_seconds(created),
            session,
            make_scratch(wishes.choices, session),
            tooling,
        )
        managers = tuple(patchers(Ground(original.rootfs, stock, wishes.choices, wishes.policy)))
        with ExitStack() as opened:
            yield Patching(original, stock, wishes, sandboxes, session, managers, created, opened)


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
        plan, upgrades=kept, blocked=tuple(sorted((*plan.blocked, *blocked), key=_by_barrier))
    )


def _by_barrier(each: Blocked) -> tuple[str, str, tuple[str, ...]]:
    return each.barrier.value, each.purl, each.findings
