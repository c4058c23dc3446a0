"""Keep rules: globs, commands, whole packages and families of siblings."""

import re

from careen.model.entry import Entry
from careen.model.paths import name, parent
from careen.model.plan import Reason
from careen.plan.core.dependencies import Dependencies
from careen.plan.core.globs import any_of, compile_glob
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.rules import Rule
from careen.plan.mechanisms.by_rule.headers import Headers


class Rules(Mechanism):
    """Keeps what rules name, once for each rule, as soon as its conditions hold.

    From then on, siblings are kept for each new file of a family.
    """

    id = "rules"
    why = "what rule files state"
    at_observed = True

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._dependencies = Dependencies(work)
        self._headers = Headers(work)
        rules = work.scene.policy.rules.at(work.scene.level)
        self._waiting = [
            rule
            for rule in rules
            if rule.keep
            or rule.siblings
            or rule.packages
            or rule.commands
            or rule.include_directories
        ]
        self._even_whole = frozenset(rule.id for rule in rules if rule.even_whole)
        self._families: list[tuple[str, Rule]] = []
        self._family: re.Pattern[str] | None = None

    def visit(self, entry: Entry) -> None:
        if (
            self._family is None
            or entry.is_dir
            or not self._family.fullmatch(f"/{name(entry.path)}")
        ):
            return
        for glob, rule in self._families:
            if compile_glob(glob).fullmatch(f"/{name(entry.path)}"):
                self._siblings(entry, glob, rule)

    def _siblings(self, entry: Entry, glob: str, rule: Rule) -> None:
        pattern = compile_glob(glob)
        reason = Reason(f"rule:{rule.id}", rule.reason, entry.path)
        for path in self._work.scene.rootfs.children(parent(entry.path)):
            if pattern.fullmatch(f"/{name(path)}"):
                self._work.keeping.add(path, reason)

    def settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for rule in waiting:
            if self._work.conditions.holds(rule, self._work.modules, self._work.keeping):
                self._apply(rule)
            else:
                self._waiting.append(rule)

    def _apply(self, rule: Rule) -> None:
        self._work.counted.append(rule.id)
        scene = self._work.scene
        cause = self._work.conditions.cause(rule, self._work.keeping)
        reason = Reason(f"rule:{rule.id}", rule.reason, cause)
        for glob in rule.keep:
            for path in list(scene.index.match(glob)):
                self._work.keeping.add(path, reason)
        for word in rule.commands:
            if (found := scene.command(word)) is not None:
                self._work.keeping.reach(found, reason)
        for package in self._dependencies.named(rule.packages):
            self._dependencies.keep_whole(
                package, cause, f"rule:{rule.id}", rule.reason, self._even_whole
            )
        if rule.include_directories:
            self._headers.keep(rule)
        if rule.siblings:
            added = [(f"/{glob}", rule) for glob in rule.siblings]
            self._families.extend(added)
            self._family = any_of(tuple(glob for glob, _ in self._families))
            for path in sorted(
                {
                    path
                    for glob in rule.siblings
                    for path in scene.index.match(f"**/{glob}")
                    if path in self._work.kept
                }
            ):
                entry = scene.rootfs[path]
                for glob, _ in added:
                    if not entry.is_dir and compile_glob(glob).fullmatch(f"/{name(path)}"):
                        self._siblings(entry, glob, rule)
