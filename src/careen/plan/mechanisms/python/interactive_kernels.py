"""Jupyter kernels, which run code that users type.

No file of the image names what that code imports or starts. The registry is `share/jupyter/kernels`
below a prefix: a directory for each kernel, with its command line in `kernel.json` (jupyter_client,
"Kernel specs").
"""

import json
import re
from itertools import pairwise

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath, parent
from careen.model.plan import Reason
from careen.model.runs.trace import Use
from careen.plan.core.facts import ModulesOnCommandLine, PythonOfPeople
from careen.plan.core.mechanism import Mechanism, Work

MAX_SPECIFICATION = 1 << 20
MAX_WORDS = 100
_SPECIFICATION = re.compile(r"(.*/share/jupyter/kernels)/[^/]+/kernel\.json\Z")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*\Z")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*\Z")


def command_line(data: bytes) -> tuple[str, ...]:
    """Return the `argv` of a kernel's specification, at most 100 words; () without one."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ()
    words = document.get("argv") if isinstance(document, dict) else None
    return (
        tuple(word for word in words[:MAX_WORDS] if isinstance(word, str))
        if isinstance(words, list)
        else ()
    )


class InteractiveKernels(Mechanism):
    """Keeps all kernels beside one whose specification was read, with what they start.

    For a Python kernel it keeps the distributions that a user asked to install (PEP 376:
    REQUESTED), or all if none is marked, with what they require. It also keeps the commands of
    essential packages, to which kernels pass command lines.
    """

    id = "interactive-kernels"
    why = (
        "a kernel runs what users type: no file says what that imports or starts, or which kernel"
        " they choose"
    )
    codes = ("kernel", "python-requested")

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._found: list[tuple[str, ImagePath]] = []
        self._done: set[str] = set()

    def visit(self, entry: Entry) -> None:
        match = _SPECIFICATION.match(entry.path)
        if (
            match
            and match.group(1) not in self._done
            and self._work.scene.used_as(entry.path, Use.OPENED)
        ):
            self._done.add(match.group(1))
            self._found.append((match.group(1), entry.path))

    def settle(self) -> None:
        found, self._found = self._found, []
        for registry, used in found:
            for below in self._work.scene.index.below(ImagePath(registry)):
                self._work.add_broadly(
                    below.path, Reason("kernel", "a kernel beside one that was looked at", used)
                )
                if (
                    _SPECIFICATION.match(below.path)
                    and below.is_file
                    and below.size <= MAX_SPECIFICATION
                ):
                    self._start(below)
            self._commands(used)

    def _start(self, specification: Entry) -> None:
        words = command_line(self._work.scene.text(specification))
        program = self._work.scene.harmless_command(words[0]) if words else None
        if program is None:
            return
        text, final = program
        self._work.keeping.reach(
            text, Reason("kernel", "the program of a kernel", specification.path)
        )
        modules = [
            word for before, word in pairwise(words) if before == "-m" and _MODULE.match(word)
        ]
        named = frozenset(module.partition(".")[0] for module in modules)
        self._work.facts.post(ModulesOnCommandLine(named, specification.path))
        if _PYTHON.match(final.path) or _PYTHON.match(text):
            prefix = parent(parent(ImagePath(text)))
            self._work.facts.post(PythonOfPeople(prefix, specification.path))

    def _commands(self, because: ImagePath) -> None:
        scene = self._work.scene
        directories = set(scene.command_path)
        for package in scene.packages(Ecosystem.DEB):
            for path in package.files if package.essential else ():
                entry = scene.rootfs.walk(path).final
                if (
                    entry is not None
                    and parent(entry.path) in directories
                    and entry.is_executable
                    and not entry.is_setid
                ):
                    self._work.keeping.reach(
                        path,
                        Reason(
                            "kernel", f"a command of {package.name}, which is essential", because
                        ),
                    )
