"""Ask the package managers of one image what they could upgrade; nothing is changed.

They run in a sandbox of the image. The image itself need not be open.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from careen.errors import ToolError
from careen.model.findings.finding import Finding
from careen.model.packages.package import Inventory
from careen.model.patching import (
    Aim,
    Blocked,
    BlockReason,
    PatchPlan,
    Upgrade,
)
from careen.model.rbom import ImageRef
from careen.model.runs.engine import PreparedImage
from careen.oci.created import epoch_seconds
from careen.oci.tree.rootfs import Rootfs
from careen.patch.aims import aims, rate
from careen.patch.credentials import without_credentials
from careen.patch.find import patchers
from careen.patch.guard import apply_policy
from careen.patch.port import Ground, Patcher, Proposal
from careen.patch.rebuild import explain
from careen.patch.sandbox import Sandbox
from careen.pipeline.run.session import Session
from careen.pipeline.upgrading.options import PatchOptions
from careen.pipeline.upgrading.sandbox import (
    SandboxFactory,
    make_scratch,
    require_place,
    tooling_image,
)

_WORDS = 500  # characters of a source's error


@dataclass(frozen=True, slots=True)
class Asked:
    """An image whose package managers are asked: its paths, and the packages of all ecosystems."""

    ref: ImageRef
    rootfs: Rootfs
    stock: Inventory


@dataclass(slots=True)
class Survey:
    """The package managers of an image, and the sandboxes that they run in."""

    image: Asked
    wishes: PatchOptions
    sandboxes: SandboxFactory
    session: Session
    managers: tuple[Patcher, ...]
    opened: ExitStack
    _first: tuple[Sandbox, float, ExitStack] | None = None
    _asked: list[tuple[Patcher, list[Aim]]] = field(default_factory=list)

    def ask(self, findings: Sequence[Finding]) -> PatchPlan:
        """Ask every package manager for upgrades that close the findings; change nothing.

        If a source does not answer, only its manager's findings are UNSURVEYED. Raises ToolError if
        a source failed and nothing else can be upgraded, or if the container ended.
        """
        choices = self.wishes.choices
        aimed = aims(
            findings, self.image.stock, choices, self.wishes.policy, self.image.stock.distribution
        )
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
        blocked += explain(Ground(self.image.rootfs, self.image.stock, choices), left)
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
            image=self.image.ref,
            reach=choices.reach,
            upgrades=tuple(
                sorted(upgrades, key=lambda each: (order[each.manager], each.group, each.purl))
            ),
            blocked=tuple(sorted(blocked, key=by_barrier)),
            notes=tuple(dict.fromkeys(notes)),
            ratings=rate(findings),
        )

    def _allowed(self, manager: Patcher, theirs: Sequence[Aim], proposal: Proposal) -> Proposal:
        return apply_policy(
            _checked(manager, theirs, proposal).without_credentials(),
            self.image.stock,
            self.wishes.choices,
            self.wishes.policy,
        )

    def again(self, plan: PatchPlan, avoid: Mapping[str, Mapping[str, str]]) -> PatchPlan:
        """Ask some managers again without some versions (purl → version → reason).

        A manager whose source does not answer keeps its part of `plan`, the result of `ask`.
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
                        key=by_barrier,
                    )
                ),
                notes=tuple(dict.fromkeys((*plan.notes, *offer.notes))),
            )
        return plan

    @contextmanager
    def sandbox(self) -> Iterator[tuple[Sandbox, float]]:
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


def by_barrier(each: Blocked) -> tuple[str, str, tuple[str, ...]]:
    """Return what blocked entries are sorted by."""
    return each.barrier.value, each.purl, each.findings


@contextmanager
def surveying(
    image: Asked, prepared: PreparedImage, created: str, wishes: PatchOptions, session: Session
) -> Iterator[Survey]:
    """Yield the survey of an image that the engine has; `created` is the time of what is made.

    Raises as `SandboxFactory` and `require_place`.
    """
    require_place(image.rootfs)
    with tooling_image(wishes.choices.tooling, session) as tooling, ExitStack() as opened:
        sandboxes = SandboxFactory(
            prepared,
            wishes.choices,
            epoch_seconds(created),
            session,
            make_scratch(wishes.choices, session),
            tooling,
        )
        ground = Ground(image.rootfs, image.stock, wishes.choices, wishes.policy)
        yield Survey(image, wishes, sandboxes, session, tuple(patchers(ground)), opened)
