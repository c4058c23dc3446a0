"""What every mechanism of the closure is, and what it works on."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from careen.model.entry import Entry
from careen.model.paths import ImagePath, source_of
from careen.model.plan import Level, Reason
from careen.plan.core.keeping import Keeping
from careen.plan.core.opened import Opened
from careen.plan.core.scene import Scene


@dataclass(slots=True)
class Work:
    """The growing set and the fixed inputs. `modules` are the top-level Python modules that are
    known to be used, `data` the directories of data that are kept whole, `opened` who opens which
    library; they only grow.
    """

    scene: Scene
    keeping: Keeping
    dropped: Mapping[ImagePath, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    data: set[ImagePath] = field(default_factory=set)
    opened: Opened = field(default_factory=Opened)

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


class Mechanism(Protocol):
    """One way in which a kept path needs others. docs/plan.md names it by its `id`; `why` says what
    a profile does not show.
    """

    id: str
    why: str

    def visit(self, entry: Entry) -> None:
        """Look at one newly kept path, once, and keep what it needs."""

    def settle(self) -> None:
        """Called whenever nothing new is left to visit; may keep more. Called again until nothing
        changes.
        """


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
