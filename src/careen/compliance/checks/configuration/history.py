"""What the history says of how the image was built."""

import re
from collections.abc import Iterable, Iterator, Mapping

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence, Result

NO_HISTORY = "the history does not name the command of each layer"
_LONGEST = 8192  # characters of one history line that are read
_SHOWN = 200
# What docker writes for ADD: `/bin/sh -c #(nop) ADD …`, or buildkit's `ADD …`.
_ADD = re.compile(r"(?:/bin/sh -c )?(?:#\(nop\) +)?ADD\s")
_BASE = re.compile(r"ADD (?:file|multi):[0-9a-f]{64} in /\s*\Z|ADD \S+ / ?(?:#.*)?\Z")
_SETTING = re.compile(
    r"(?:/bin/sh -c )?(?:#\(nop\) +)?(?:ENV|CMD|ENTRYPOINT|HEALTHCHECK|LABEL|USER|WORKDIR|EXPOSE"
    r"|VOLUME|STOPSIGNAL|SHELL|ARG|MAINTAINER|ONBUILD)\b"
)
_UPDATE = re.compile(
    r"\b(?:apt-get|apt|aptitude)(?: -\S{1,80}){0,9} update\b|\bapk(?: -\S{1,80}){0,9} update\b"
)
_INSTALL = re.compile(
    r"\b(?:apt-get|apt|aptitude)(?: -\S{1,80}){0,9} (?:install|upgrade|full-upgrade|dist-upgrade)\b"
    r"|\bapk(?: -\S{1,80}){0,9} (?:add|upgrade)\b"
)


def lines(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the place and the command of each step of the history."""
    for number, step in enumerate(subject.config.history):
        text = step.get("created_by") if hasattr(step, "get") else None
        if isinstance(text, str) and text.strip():
            yield f"history[{number}].created_by", text[:_LONGEST].strip()


def commands(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Return the steps that ran a command or added files; settings (ENV, CMD) are left out."""
    return tuple((place, text) for place, text in lines(subject) if not _SETTING.match(text))


def by_history(subject: Subject, found: Iterable[Evidence], bad: str, good: str) -> Decision:
    """Fail if a step is `bad`; pass only if the history has the step of each layer.

    `{}` is the number of such steps in `bad`, of all steps in `good`.
    """
    decision = none_of(found, bad, good.format(len(tuple(lines(subject)))))
    if decision.result is Result.FAIL:
        return decision
    # The lowest layer of a base that was imported (docker import) has none: it is a root as it is.
    known = [_has_command(layer.history) for layer in subject.image.layers]
    if not any(known) or not all(known[1:]):
        return not_evaluable(NO_HISTORY)
    return decision


def _has_command(step: object) -> bool:
    text = step.get("created_by") if isinstance(step, Mapping) else None
    return isinstance(text, str) and bool(text.strip())


def _add(subject: Subject) -> Decision:
    found = (
        Evidence(place, shortened(text, _SHOWN))
        for place, text in lines(subject)
        if _ADD.match(text) and not _BASE.search(text)
    )
    return by_history(
        subject,
        found,
        "{} steps of the history use ADD",
        "none of {} steps uses ADD, apart from the root of the base image",
    )


def _update(subject: Subject) -> Decision:
    found = (
        Evidence(place, shortened(text, _SHOWN))
        for place, text in commands(subject)
        if _UPDATE.search(text) and not _INSTALL.search(text)
    )
    return by_history(
        subject,
        found,
        "{} steps update a package index and install nothing, so a cache may keep it stale",
        "none of {} steps updates a package index alone",
    )


CHECKS = (
    Check(
        id="history-no-add",
        title="The image is built with COPY, not ADD",
        reads="configuration: history",
        fix="Use COPY for local files; fetch others in a RUN step that checks their digest.",
        command="docker history --no-trunc IMAGE | grep -w ADD",
        decide=_add,
    ),
    Check(
        id="history-no-update-alone",
        title="No step updates a package index without installing from it",
        reads="configuration: history",
        fix="Join update and install in one RUN step.",
        command="docker history --no-trunc IMAGE | grep -E 'apt(-get)? update|apk update'",
        decide=_update,
    ),
)
