"""Base class of the closure's mechanisms, and the state that they share."""

from collections.abc import Callable, Container, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar, cast

from careen.model.entry import Entry
from careen.model.paths import ImagePath, source_of
from careen.model.plan import Level, Reason
from careen.plan.core.facts import Facts
from careen.plan.core.keeping import Keeping
from careen.plan.core.loader import Loader
from careen.plan.core.opened import Opened
from careen.plan.core.rules import Rule
from careen.plan.core.scene import Scene

T = TypeVar("T")


class RuleConditions(Protocol):
    """Evaluation of the conditions of keep rules."""

    @property
    def leaving_out(self) -> Container[str]:
        """The ids of the drop rules that apply."""

    def holds(self, rule: Rule, modules: Container[str], kept: Container[ImagePath]) -> bool:
        """Return whether a rule applies now."""

    def cause(self, rule: Rule, kept: Container[ImagePath]) -> ImagePath | None:
        """Return a path by which a rule applies, or None."""


@dataclass(slots=True)
class Work:
    """The growing set of kept paths, the fixed inputs, and the mechanisms' shared state.

    `modules`: top-level Python modules known to be used. `data`: data directories that are kept
    whole. `opened`: who opens which library. `held`: test suites that stay out, by directory.
    `counted`: ids of the applied rules.
    """

    scene: Scene
    keeping: Keeping
    conditions: RuleConditions
    dropped: Mapping[ImagePath, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    data: set[ImagePath] = field(default_factory=set)
    opened: Opened = field(default_factory=Opened)
    facts: Facts = field(default_factory=Facts)
    held: dict[ImagePath, dict[ImagePath, Reason]] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    loader: Loader = field(init=False)
    _shared: dict[object, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loader = Loader(self.scene)

    def shared(self, kind: Callable[["Work"], T]) -> T:
        """Return the one instance that `kind` makes; the first call makes it."""
        if kind not in self._shared:
            self._shared[kind] = kind(self)
        return cast("T", self._shared[kind])

    def add_broadly(self, path: ImagePath, reason: Reason) -> bool:
        """Keep a path only because what it belongs to is kept; return whether it is newly kept.

        Not kept are paths that drop rules leave out, links to them, and byte code that is spare.
        """
        entry = self.scene.rootfs.get(path)
        if (
            entry is not None
            and entry.is_symlink
            and self.scene.rootfs.walk(path).end in self.dropped
        ):
            return False
        return (
            path not in self.dropped
            and not self.is_spare_byte_code(path)
            and self.keeping.add(path, reason)
        )

    def leaves_out(self, text: str) -> bool:
        """Return whether a drop rule leaves out what `text` leads to."""
        # A name found in bytes is weaker evidence than a rule with its exceptions.
        return self.scene.rootfs.walk(text).end in self.dropped

    def is_spare_byte_code(self, path: ImagePath) -> bool:
        """Return whether a path is byte code whose source is in the image, so that it can go.

        False at level `package`, and in a standard library with byte code that was used.
        """
        # Which standard modules a run imports depends on threads, signals and errors. The plan must
        # not depend on it.
        if (
            not path.endswith(".pyc")
            or self.scene.level is Level.PACKAGE
            or self.scene.library_of(path) in self.scene.compiled_libraries
        ):
            return False
        # Python compiles the source at its first import (PEP 3147).
        source = source_of(path)
        return source is not None and source in self.scene.rootfs

    @property
    def kept(self) -> AbstractSet[ImagePath]:
        return self.keeping.reasons.keys()


class Mechanism:
    """One way in which a kept path needs others; docs/plan.md describes it under its `id`.

    `why`: what a profile does not show. `codes`: the codes of its reasons. `at_observed`: it also
    counts at that level.
    """

    id: ClassVar[str]
    why: ClassVar[str]
    codes: ClassVar[tuple[str, ...]] = ()
    at_observed: ClassVar[bool] = False

    def __init__(self, work: Work) -> None:
        self._work = work

    def plant(self) -> None:
        """Keep what is always needed."""

    def visit(self, entry: Entry) -> None:
        """Inspect one newly kept path, once, and keep what it needs."""

    def settle(self) -> None:
        """Keep more when no new path is left to visit; called until nothing changes."""


def grow(work: Work, mechanisms: tuple[Mechanism, ...]) -> None:
    """Run the mechanisms to their fixed point.

    Ends because kept paths only grow and the image is finite.
    """
    visits = tuple(each.visit for each in mechanisms if type(each).visit is not Mechanism.visit)
    quiet = 0
    # One mechanism's facts may concern an earlier one, although no path is new.
    while quiet < 2:  # noqa: PLR2004
        while (path := work.keeping.take()) is not None:
            entry = work.scene.rootfs[path]
            for visit in visits:
                visit(entry)
        before = len(work.keeping)
        for mechanism in mechanisms:
            mechanism.settle()
        quiet = quiet + 1 if len(work.keeping) == before else 0
