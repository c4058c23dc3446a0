"""The steps of an image's history: what ran, what was added, and what is a setting alone."""

import re
from collections.abc import Iterator, Mapping

from careen.compliance.check import Decision, not_evaluable
from careen.compliance.shell import Command, commands_of
from careen.compliance.subject import Subject
from careen.model.compliance.result import Result

NO_HISTORY = "the history does not name the command of each layer"
_LONGEST = 1 << 16  # characters of one history line that are read
# How docker's classic builder marks what it does not run: `/bin/sh -c #(nop) `.
NOT_RUN = r"(?:/bin/[a-z]{0,3}sh(?: -[a-z]{1,9}(?: pipefail)?){1,3} #\(nop\) +)?"
_SETTING = re.compile(
    NOT_RUN + r"(?:ENV|CMD|ENTRYPOINT|HEALTHCHECK|LABEL|USER|WORKDIR|EXPOSE"
    r"|VOLUME|STOPSIGNAL|SHELL|ARG|MAINTAINER|ONBUILD)\s"
)
_RUN = re.compile(r"(?:RUN )?(?:--[^ ]{1,200} ){0,9}")
_SHELL = re.compile(r"(?:/usr)?/bin/[a-z]{0,3}sh(?: -[a-z]{1,9}(?: pipefail)?){1,3} ")


def lines(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the place and the command of each step of the history."""
    for number, text in _written(subject):
        yield f"history[{number}].created_by", text[:_LONGEST].strip()


def _written(subject: Subject) -> Iterator[tuple[int, str]]:
    for number, step in enumerate(subject.config.history):
        text = step.get("created_by") if hasattr(step, "get") else None
        if isinstance(text, str) and text.strip():
            yield number, text


def made(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Return the steps that ran a command or added files; settings (ENV, CMD) are left out."""
    return tuple((place, text) for place, text in lines(subject) if not _SETTING.match(text))


def run_by(text: str) -> tuple[Command, ...]:
    """Return the commands of a step that ran."""
    script = text[_RUN.match(text).end() :]  # type: ignore[union-attr]
    shell = _SHELL.search(script) if script.startswith("|") else _SHELL.match(script)
    # `|2 A=1 B=2 /bin/sh -c …`: the arguments of the build come first.
    return commands_of(script if shell is None else script[shell.end() :])


def unless_cut(decision: Decision, subject: Subject) -> Decision:
    """Return the decision, or "not evaluable" if nothing failed and a step is not known whole."""
    cut = next((number for number, text in _written(subject) if len(text) > _LONGEST), None)
    if decision.result is Result.FAIL:
        return decision
    # The lowest layer of a base that was imported (docker import) has none: it is a root as it is.
    known = [_has_command(layer.history) for layer in subject.image.layers]
    if not any(known) or not all(known[1:]):
        return not_evaluable(NO_HISTORY)
    if cut is None:
        return decision
    return not_evaluable(f"history[{cut}] is longer than {_LONGEST:,} characters")


def _has_command(step: object) -> bool:
    text = step.get("created_by") if isinstance(step, Mapping) else None
    return isinstance(text, str) and bool(text.strip())
