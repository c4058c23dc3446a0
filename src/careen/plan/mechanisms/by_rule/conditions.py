"""Conditions of rules, and whether they hold."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain

from careen.model.image import ImageConfig
from careen.model.paths import ImagePath
from careen.plan.core.opened import Opened
from careen.plan.core.rules import Condition, Rule
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application.compiling import Compiling
from careen.plan.scanners.foreign_code import is_foreign


class Conditions:
    """Answers to the conditions of rules for one scene.

    What does not change while keeping grows is computed once. `modules` and `kept` are passed in as
    they grow.
    """

    def __init__(
        self, scene: Scene, texts: Sequence[tuple[ImagePath, bytes]], opened: Opened
    ) -> None:
        self._scene = scene
        self._source = b"\n".join((*(text for _, text in texts), _command_of(scene.config)))
        self._opened = opened
        self._compiling = Compiling(scene, texts)

    def holds(self, rule: Rule, modules: Container[str], kept: Container[ImagePath]) -> bool:
        """Return whether a rule applies now."""
        tests = self._tests(rule, modules, kept)
        # `unless` asks only about what was observed, so that the answer never turns back.
        fixed = self._tests(rule, self._scene.observed_modules, {})
        wanted = all(any(tests[key](item) for item in items) for key, items in rule.when.given())
        return wanted and not self._excused(rule.unless, fixed)

    def cause(self, rule: Rule, kept: Container[ImagePath]) -> ImagePath | None:
        """Return a kept path by which a rule applies, or None.

        It is a path that the rule waits for, a program that ran, a module that was imported, a
        source that compiles, or a file that opens a library.
        """
        scene, when = self._scene, rule.when
        found = (path for glob in when.kept for path in scene.index.match(glob) if path in kept)
        programs = (scene.executed[item] for item in when.executed if item in scene.executed)
        modules = (
            scene.observed_modules[item] for item in when.imported if item in scene.observed_modules
        )
        texts = (
            path for kind in when.compiles if (path := self._compiling.because(kind)) is not None
        )
        return next(
            (
                path
                for path in chain(
                    found, programs, modules, texts, self._opened.openers(rule, when.opened)
                )
                if path in kept
            ),
            None,
        )

    def _excused(self, unless: Condition, tests: Mapping[str, Callable[[str], bool]]) -> bool:
        given = list(unless.given())
        return any(tests[key](item) for key, items in given for item in items)

    def _tests(
        self, rule: Rule, modules: Container[str], kept: Container[ImagePath]
    ) -> Mapping[str, Callable[[str], bool]]:
        scene = self._scene
        return {
            "libc": scene.libcs.__contains__,
            "imported": modules.__contains__,
            "executed": scene.executed.__contains__,
            "exists": scene.index.any,
            "package": scene.package_names.__contains__,
            "source": lambda text: (
                re.search(rb"(?<!\w)" + re.escape(text.encode()) + rb"(?!\w)", self._source)
                is not None
            ),
            "env": partial(_is_set, scene.config.env),
            "compiles": self._compiling.__contains__,
            "kept": partial(_any_kept, scene, kept),
            "opened": lambda glob: any(True for _ in self._opened.openers(rule, [glob])),
            "rule": lambda ident: ident in self.leaving_out,
        }

    @cached_property
    def leaving_out(self) -> frozenset[str]:
        """Ids of the drop rules whose conditions hold."""
        # A drop rule depends on nothing that grows, and on no other rule.
        scene = self._scene
        return frozenset(
            rule.id
            for rule in scene.policy.rules.at(scene.level)
            if rule.drop and self.holds(rule, scene.observed_modules, {})
        )


def _is_set(variables: Mapping[str, str], item: str) -> bool:
    """Return whether variables have a name, or a name with a value (`NAME=value`).

    A value may be a list with `;` or `:` between its items, as Qt takes platforms and their
    options.
    """
    variable, mark, value = item.partition("=")
    return variable in variables and (not mark or value in re.split("[;:]", variables[variable]))


def _command_of(config: ImageConfig) -> bytes:
    """Return the words that the image's configuration starts, with blanks between them."""
    words = (*config.entrypoint, *config.cmd, *config.healthcheck_argv)
    return " ".join(words).encode("utf-8", "replace")


def _any_kept(scene: Scene, kept: Container[ImagePath], glob: str) -> bool:
    return any(path in kept for path in scene.index.match(glob))


def dropped_paths(scene: Scene, conditions: Conditions) -> Mapping[ImagePath, str]:
    """Return the paths that drop rules leave out, each with the id of its rule."""
    out: dict[ImagePath, str] = {}
    architecture = scene.config.platform.architecture
    for rule in scene.policy.rules.at(scene.level):
        if rule.id in conditions.leaving_out:
            for glob in rule.drop:
                for path in scene.index.match(glob):
                    if not rule.only_foreign or is_foreign(
                        scene.rootfs, scene.rootfs[path], architecture
                    ):
                        out[path] = rule.id
    return out
