"""Modules, commands and scripts of the application itself in an image."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from careen.adequacy.declared import EntryPoint, Module
from careen.model.entry import Entry
from careen.model.packages.package import Package
from careen.model.paths import ImagePath, name
from careen.model.plan import Level
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.pipeline.run.source import Examined
from careen.plan.core.policy import Policy
from careen.plan.core.rules import RuleSet
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application.own_files import MAX_SCRIPT, roots

_LANGUAGES = (
    (re.compile(r"python[\d.]*|libpython3[\w.]*\.so[\d.]*", re.ASCII), (".py",)),
    (re.compile(r"node|nodejs|bun|deno", re.ASCII), (".js", ".mjs", ".cjs")),
    (re.compile(r"ruby[\d.]*|libruby[\w.-]*\.so[\d.]*", re.ASCII), (".rb",)),
    (re.compile(r"perl[\d.]*|libperl\.so[\d.]*", re.ASCII), (".pl", ".pm")),
    (re.compile(r"php[\w.-]*|libphp[\d.]*\.so", re.ASCII), (".php",)),
)
_NO_MODULES = frozenset(
    {
        "test",
        "tests",
        "__tests__",
        "spec",
        "static",
        "public",
        "node_modules",
        "site-packages",
        "dist-packages",
        "__pycache__",
    }
)
_TEST_FILE = re.compile(
    r"test_.*\.py|.*_test\.py|conftest\.py|setup\.py|.*\.(?:test|spec)\.[cm]?js", re.ASCII
)
_OF_PYTHON = re.compile(
    r"(?:idle|pydoc|2to3|python)[\d.]*(?:-config)?(?:-[\d.]+)?", re.ASCII
)  # scripts that CPython's `make install` adds
_ASSIGNMENT = re.compile(r"\w+=", re.ASCII)
_SHELLS = ("sh", "bash", "dash", "ash")
MAX_SCRIPTS = 2_000
MAX_MODULES = 20_000
MAX_WORDS = 200  # of a command line; each is resolved through the image's links
MAX_COMMAND = 1 << 16


@dataclass(frozen=True, slots=True)
class OwnCode:
    """The application's own modules, in the languages that ran, and its entry points."""

    modules: tuple[Module, ...]
    entry_points: tuple[EntryPoint, ...]


def find_own_code(examined: Examined, bom: RuntimeBom) -> OwnCode:
    """Find the application's own modules and entry points.

    They are the unowned files below the directories that the image's configuration names, as in
    planning, and Python distributions installed from a directory (PEP 610). Tests and served files
    are left out.
    """
    scene = Scene(
        examined.rootfs,
        examined.inventory,
        bom.without_exploration(),
        examined.image.config,
        Policy(Level.CLOSURE, (), (), RuleSet(()), ""),
    )
    own = {
        entry.path: entry for entry in (*_unowned(scene), *_files(scene, scene.own_distributions))
    }
    suffixes = tuple(
        suffix for pattern, suffixes in _LANGUAGES if _ran(bom, pattern) for suffix in suffixes
    )
    modules = tuple(
        Module(path, entry.size)
        for path, entry in sorted(own.items())
        if path.endswith(suffixes) and _is_module(path)
    )[:MAX_MODULES]
    found: dict[ImagePath, EntryPoint] = {}
    for point in (*_configured(scene), *_scripts(scene, own.values())):
        found.setdefault(point.path, point)
    return OwnCode(modules, tuple(found.values()))


def _unowned(scene: Scene) -> Iterator[Entry]:
    for root, _ in roots(scene):
        for entry in (scene.rootfs[root], *scene.index.below(root)):
            if (
                entry.is_file
                and entry.path not in scene.inventory.owners
                and scene.library_of(entry.path) is None
                and "-packages/" not in entry.path
            ):
                yield entry


def _files(scene: Scene, packages: Sequence[Package]) -> Iterator[Entry]:
    for package in packages:
        for path in package.files:
            entry = scene.rootfs.get(path)
            if entry is not None and entry.is_file and path not in package.metadata:
                yield entry


def _ran(bom: RuntimeBom, pattern: re.Pattern[str]) -> bool:
    ways = {Use.EXECUTED, Use.MAPPED}
    return any(
        pattern.fullmatch(name(file.path)) and any(use.use in ways for use in file.uses)
        for file in bom.without_exploration().files
    )


def _is_module(path: ImagePath) -> bool:
    *directories, last = path.split("/")
    inside = (
        directories[directories.index("site-packages") + 1 :]
        if "site-packages" in directories
        else directories
    )
    return _NO_MODULES.isdisjoint(inside) and not _TEST_FILE.fullmatch(last)


def _configured(scene: Scene) -> Iterator[EntryPoint]:
    config = scene.config
    yield from _started(scene, "ENTRYPOINT", config.entrypoint)
    yield from _started(scene, "CMD", config.cmd)
    if config.healthcheck is not None:
        kind, *words = config.healthcheck.test
        yield from _started(
            scene, "HEALTHCHECK", ("sh", "-c", *words) if kind == "CMD-SHELL" else words
        )


def _started(scene: Scene, what: str, words: Sequence[str]) -> Iterator[EntryPoint]:
    """Yield the program of a command line, and the image's files among its words.

    For `sh -c TEXT` these are the words of the text.
    """
    shell = [name(ImagePath(word)) for word in words[:1]]
    # sh, -c, text
    if shell and shell[0] in _SHELLS and len(words) > 2 and words[1].endswith("c"):  # noqa: PLR2004
        words = [
            word for word in _split(words[2]) if word != "exec" and not _ASSIGNMENT.match(word)
        ]
    for place, word in enumerate(words[:MAX_WORDS]):
        text = scene.command(word) if place == 0 else word if "/" in word or "." in word else None
        if text is None or "\0" in text:
            continue
        final = scene.rootfs.walk(
            text if text.startswith("/") else f"{scene.config.working_dir}/{text}"
        ).final
        if final is not None and final.is_file:
            yield EntryPoint(what, final.path)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text[:MAX_COMMAND])
    except ValueError:  # an open quote
        return text[:MAX_COMMAND].split()


def _scripts(scene: Scene, own: Iterable[Entry]) -> Iterator[EntryPoint]:
    """Yield the application's executable scripts, and the unowned scripts on PATH."""
    on_path = (
        scene.rootfs[path]
        for directory in scene.command_path
        for path in scene.rootfs.children(directory)
        if path not in scene.inventory.owners
    )
    looked_at = 0
    for entry in (*own, *on_path):
        if (
            not entry.is_executable
            or not 0 < entry.size <= MAX_SCRIPT
            or _OF_PYTHON.fullmatch(name(entry.path))
        ):
            continue
        looked_at += 1
        if looked_at > MAX_SCRIPTS:
            return
        with scene.rootfs.open(entry.path) as stream:
            if stream.read(2) == b"#!":
                yield EntryPoint("script", entry.path)
