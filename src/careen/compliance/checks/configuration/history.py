"""What the history says of how the image was built."""

import re

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.checks.configuration.steps import (
    NO_HISTORY,
    NOT_RUN,
    lines,
    made,
    run_by,
    unless_cut,
)
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_SHOWN = 200
# What docker writes for ADD: `/bin/sh -c #(nop) ADD …`, or buildkit's `ADD …`.
_ADD = re.compile(NOT_RUN + r"ADD\s")
_BASE = re.compile(r"ADD (?:file|multi):[0-9a-f]{64} in /\s*\Z|ADD [^\s:@]+ / ?(?:#.*)?\Z")
_MANAGERS = frozenset({"apt-get", "apt", "aptitude", "apk"})
_INSTALLS = frozenset(
    {"install", "upgrade", "full-upgrade", "dist-upgrade", "safe-upgrade", "build-dep", "add"}
)
_ACTIONS = _INSTALLS | {"update", "remove", "purge", "autoremove", "clean", "autoclean", "del"}


def _add(subject: Subject) -> Decision:
    steps = tuple(lines(subject))
    if not steps:
        return not_evaluable(NO_HISTORY)
    found = [
        Evidence(place, shortened(text, _SHOWN))
        for at, (place, text) in enumerate(made(subject))
        if _ADD.match(text) and not (at == 0 and _BASE.search(text))
    ]
    decision = none_of(
        found,
        "{} steps of the history use ADD",
        f"none of {len(steps)} steps uses ADD, apart from the root of the base image",
    )
    return unless_cut(decision, subject)


def _update(subject: Subject) -> Decision:
    steps = tuple(lines(subject))
    if not steps:
        return not_evaluable(NO_HISTORY)
    found = [
        Evidence(place, shortened(text, _SHOWN))
        for place, text in made(subject)
        if "update" in (done := _actions(text)) and not done & _INSTALLS
    ]
    decision = none_of(
        found,
        "{} steps update a package index and install nothing, so a cache may keep it stale",
        f"none of {len(steps)} steps updates a package index alone",
    )
    return unless_cut(decision, subject)


def _actions(text: str) -> frozenset[str]:
    """Return what the package managers of a step did: the first word that is an action."""
    asked = (
        next((word for word in command.arguments if word in _ACTIONS), "")
        for command in run_by(text)
        if command.name in _MANAGERS
    )
    return frozenset(asked) - {""}


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
