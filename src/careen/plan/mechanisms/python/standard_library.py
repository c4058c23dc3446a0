"""The standard library of each kept Python, and the modules of it that sources run."""

import re
from collections.abc import Iterable

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.scanners.imports import run_as_modules

_PYTHON = re.compile(r"python3?(\.\d+)?\Z")


class StandardLibrary(Mechanism):
    """Keeps the whole standard library of each kept Python, except what drop rules name.

    At `observed` it keeps only the landmarks by which the interpreter finds its prefix: `os.py` and
    `lib-dynload`.
    """

    id = "python-stdlib"
    why = "error paths, codecs, spawn and shutdown import modules that no profile sees"
    codes = ("python-stdlib", "python-landmark")
    at_observed = True

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._done: set[ImagePath] = set()

    def visit(self, entry: Entry) -> None:
        if len(self._done) == len(self._work.scene.interpreters):
            return
        home = self._work.scene.library_of(entry.path) if not entry.is_dir else None
        if home is None and entry.is_executable and _PYTHON.match(name(entry.path)):
            lib = f"{parent(parent(entry.path))}/lib/"
            home = next(
                (
                    item
                    for item in self._work.scene.interpreters
                    if item.startswith(lib)
                    and name(entry.path) in (name(item), "python3", "python")
                ),
                None,
            )
        if home is None or home in self._done:
            return
        self._done.add(home)
        scene = self._work.scene
        if not scene.wide:
            if entry.is_executable or scene.used_as(entry.path, Use.OPENED, Use.MAPPED):
                for path in (f"{home}/os.py", f"{home}/lib-dynload"):
                    self._work.keeping.add(
                        ImagePath(path),
                        Reason(
                            "python-landmark",
                            "the interpreter looks for it to find its prefix",
                            entry.path,
                        ),
                    )
            return
        for below in scene.index.below(home):
            if scene.library_of(below.path) is not None:
                self._work.add_broadly(
                    below.path,
                    Reason("python-stdlib", f"the standard library in {home}", entry.path),
                )


class ModulesRunByName:
    """The modules that sources run (`-m venv`): of the standard library, kept though rules drop it.

    Only interpreters that are kept count. What these modules run in turn is kept, too.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._run: dict[str, ImagePath] = {}
        self._ran: set[tuple[ImagePath, str]] = set()

    def note(self, modules: Iterable[str], because: ImagePath) -> None:
        """Record the modules that a file runs."""
        for module in sorted(modules):
            self._run.setdefault(module, because)

    def keep(self) -> None:
        """Keep the recorded modules of the standard library."""
        scene, keeping = self._work.scene, self._work.keeping
        homes = [home for home in scene.interpreters if ImagePath(f"{home}/os.py") in keeping]
        todo = [
            (home, module, because)
            for home in homes
            for module, because in sorted(self._run.items())
        ]
        while todo:
            home, module, because = todo.pop()
            if (home, module) in self._ran:
                continue
            self._ran.add((home, module))
            single = scene.rootfs.get(ImagePath(f"{home}/{module}.py"))
            for entry in (
                *scene.index.below(ImagePath(f"{home}/{module}")),
                *((single,) if single is not None else ()),
            ):
                if entry.is_file and entry.path in self._work.dropped:
                    keeping.add(
                        entry.path,
                        Reason(
                            "python-stdlib",
                            f"{module} of the standard library, which {because} runs",
                            because,
                        ),
                    )
                if entry.path.endswith(".py"):
                    todo += [
                        (home, found, entry.path)
                        for found in run_as_modules(scene.text(entry), in_lines=False)
                    ]
