"""Policy for findings: VEX statements, ignore file, selection, and `--fail-on` conditions."""

from dataclasses import dataclass, field
from pathlib import Path

from careen.evidence.vex.read import read_vex
from careen.model.findings.vex import VexStatement
from careen.tools.read_file import read_file
from careen.triage.conditions import Condition
from careen.triage.ignore.load import load_ignore_file
from careen.triage.ignore.rule import Rule
from careen.triage.ignore.shape import IgnoreList
from careen.triage.policy import Selection

MAX_VEX = 256 << 20  # bytes; a vendor may state all its products in one file


@dataclass(frozen=True, slots=True)
class FindingPolicy:
    """Finding policy as the user named it."""

    vex: tuple[Path, ...] = ()
    ignore_file: Path | None = None
    selection: Selection = field(default_factory=Selection)
    fail_on: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """Finding policy as read from its files; `problems` are parts of them that do not apply."""

    statements: tuple[VexStatement, ...] = ()
    rules: tuple[Rule, ...] = ()
    selection: Selection = field(default_factory=Selection)
    fail_on: tuple[Condition, ...] = ()
    problems: tuple[str, ...] = ()


def hear(judgement: FindingPolicy) -> Heard:
    """Read the files of a policy.

    Raises ConfigError or InputError with the file and its fault.
    """
    ignored = (
        load_ignore_file(judgement.ignore_file)
        if judgement.ignore_file is not None
        else IgnoreList(())
    )
    documents = tuple(read_vex(read_file(path, MAX_VEX), str(path)) for path in judgement.vex)
    return Heard(
        statements=tuple(statement for document in documents for statement in document.statements),
        rules=ignored.rules,
        selection=judgement.selection,
        fail_on=judgement.fail_on,
        problems=(
            *ignored.notes,
            *(
                f"{document.id or document.format}: {problem}"
                for document in documents
                for problem in document.problems
            ),
        ),
    )
