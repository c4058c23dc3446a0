"""Whether programs are built for a stack without code and for random addresses."""

from collections.abc import Callable, Iterator

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.subject import Subject
from careen.formats.elf.protection import Protection, read_protection
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry

_SMALLEST = 64  # bytes of an ELF header


def _programs(subject: Subject) -> Iterator[tuple[Entry, Protection]]:
    seen: set[int] = set()
    for entries in subject.programs.values():
        for entry in entries:
            if entry.is_symlink or entry.size < _SMALLEST or entry.inode in seen:
                continue
            seen.add(entry.inode)
            with subject.rootfs.open(entry.path) as stream:
                found = read_protection(stream)
            if found is not None and found.program:
                yield entry, found


def _decide(
    is_bad: Callable[[Protection], bool], bad: str, good: str
) -> Callable[[Subject], Decision]:
    def decide(subject: Subject) -> Decision:
        programs = tuple(_programs(subject))
        if not programs:
            return not_evaluable("the image has no ELF program whose headers could show it")
        found = (
            Evidence(str(entry.path), bad) for entry, protection in programs if is_bad(protection)
        )
        return none_of(found, f"{{}} programs: {bad}", f"all {len(programs)} programs {good}")

    return decide


CHECKS = (
    Check(
        id="no-code-on-stack",
        title="No program asks for an executable stack",
        reads="program headers of ELF programs",
        fix="Build again without -z execstack; mark assembly with .note.GNU-stack.",
        command="readelf -lW PROGRAM | grep GNU_STACK",
        decide=_decide(
            lambda found: found.code_on_stack,
            "stack is executable",
            "ask for a stack without code",
        ),
    ),
    Check(
        id="random-addresses",
        title="Programs can be loaded at random addresses",
        reads="type and program headers of ELF programs",
        fix="Build again as position-independent executable: -fPIE -pie (Go: -buildmode=pie).",
        command="readelf -hW PROGRAM | grep Type",
        decide=_decide(
            lambda found: not found.random_address,
            "loaded at a fixed address",
            "are position-independent",
        ),
    ),
)
