"""What every mechanism of the closure is, and what it works on."""

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
    """Whether the conditions of keep rules hold."""

    @property
    def leaving_out(self) -> Container[str]:
        """The ids of the drop rules that apply."""

    def holds(self, rule: Rule, modules: Container[str], kept: Container[ImagePath]) -> bool:
        """Return whether a rule applies now."""

    def cause(self, rule: Rule, kept: Container[ImagePath]) -> ImagePath | None:
        """Return a path by which a rule applies, None where no path does."""


@dataclass(slots=True)
class Work:
    """The growing set of kept paths, the fixed inputs, and what mechanisms share.

    `modules` are the top-level Python modules that are known to be used, `data` the directories of
    data that are kept whole, `opened` who opens which library. `held` are the test suites that stay
    out, by directory, and `counted` the ids of the rules that were applied.
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
        """Return the one instance of what several mechanisms ask, made at the first call."""
        if kind not in self._shared:
            self._shared[kind] = kind(self)
        return cast("T", self._shared[kind])

    def add_broadly(self, path: ImagePath, reason: Reason) -> bool:
        """Keep a path only because what it belongs to is kept: drop rules may leave it out, and a
        link to what they leave out.
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
        """Say whether a drop rule names what `text` leads to: a name in somebody's bytes is weaker
        evidence than a rule with its excuses.
        """
        return self.scene.rootfs.walk(text).end in self.dropped

    def is_spare_byte_code(self, path: ImagePath) -> bool:
        """Byte code that was not used, whose source is kept beside it: Python compiles the source
        when it is first imported (PEP 3147). That of a standard library of which any byte code was
        used is none: which of its modules a run imports depends on threads, signals and errors, and
        no plan should.
        """
        if (
            not path.endswith(".pyc")
            or self.scene.level is Level.PACKAGE
            or self.scene.library_of(path) in self.scene.compiled_libraries
        ):
            return False
        source = source_of(path)
        return source is not None and source in self.scene.rootfs

    @property
    def kept(self) -> AbstractSet[ImagePath]:
        return self.keeping.reasons.keys()


class Mechanism:
    """One way in which a kept path needs others. docs/plan.md describes it under its `id`.

    `why` says what a profile does not show, `codes` the codes of the reasons that it gives, and
    `at_observed` whether it counts at that level, too.
    """

    id: ClassVar[str]
    why: ClassVar[str]
    codes: ClassVar[tuple[str, ...]] = ()
    at_observed: ClassVar[bool] = False

    def __init__(self, work: Work) -> None:
        self._work = work

    def plant(self) -> None:
        """Keep what is needed whatever else is kept."""

    def visit(self, entry: Entry) -> None:
        """Look at one newly kept path, once, and keep what it needs."""

    def settle(self) -> None:
        """Keep more when no new path is left to visit; called until nothing changes."""


def grow(work: Work, mechanisms: tuple[Mechanism, ...]) -> None:
    """Run the mechanisms to their fixed point. Ends because kept paths only grow and the image is
    finite.
    """
    quiet = 0
    # what one settles may be news to one before it, though no path is new
    while quiet < 2:  # noqa: PLR2004
        while (path := work.keeping.take()) is not None:
            entry = work.scene.rootfs[path]
            for mechanism in mechanisms:
                mechanism.visit(entry)
        before = len(work.keeping)
        for mechanism in mechanisms:
            mechanism.settle()
        quiet = quiet + 1 if len(work.keeping) == before else 0
