"""Files that shell scripts read with `.` or `source`.

No exec shows them, they need no execute bit, and packages share them (`/lib/lsb/init-functions`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.facts import ModulesRun, TextFound
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.scanners.imports import run_as_modules
from careen.plan.scanners.packed_text import Kind, Text

MAX_SCRIPT = 1 << 20
SHELL = re.compile(rb"#![ \t]*(?:/\S+/env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?(?:ba|da|a|z|k)?sh\b")
SUFFIXES = (".sh", ".bash", ".ksh", ".zsh")
_READS = re.compile(
    rb"(?:^|[;&|(){`]|\b(?:then|do|else|in)\b|&&|\|\|)[ \t]*(?:\.|source)[ \t]+(?=[^\s=])",
    re.MULTILINE,
)
COMPUTED = (
    rb"\$\([^()\n]{0,200}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)"
    rb"|\$\{[^}\n]{0,200}\}|\$\w{1,64}|`[^`\n]{0,200}`"
)
_WORD = re.compile(rb"[\"']?(" + COMPUTED + rb")?[\"']?([\w./+@~-]{0,400})")


@dataclass(frozen=True, slots=True)
class Sourced:
    """File that a shell script reads.

    If `computed`, it begins with something that only a run knows (`$(dirname "$0")`, `$HERE`), and
    `path` is the rest.
    """

    path: str
    computed: bool


def sourced(script: bytes) -> Iterator[Sourced]:
    """Yield the files that a shell script reads, in order, without wholly computed ones."""
    for read in _READS.finditer(script):
        word = _WORD.match(script, read.end())
        path = word.group(2).decode("utf-8", "replace") if word is not None else ""
        if word is not None and path.strip("/."):
            yield Sourced(path, computed=word.group(1) is not None)


class ShellSources(Mechanism):
    """Keeps the files that kept shell scripts read with `.` or `source`.

    A relative path, or one with a computed beginning, is looked up from the script's directory, the
    one above it, and the work directory. A bare name is also looked up along PATH.
    """

    id = "shell-sources"
    why = "a script reads in functions and settings only on some of its branches"
    codes = ("shell-source",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._own: set[ImagePath] = set()

    def visit(self, entry: Entry) -> None:
        if (
            not entry.is_file
            or entry.size > MAX_SCRIPT
            or not (
                entry.is_executable or entry.path.endswith(SUFFIXES) or self._was_sourced(entry)
            )
        ):
            return
        with self._work.scene.rootfs.open(entry.path) as stream:
            head = stream.read(256)
            if not (
                SHELL.match(head)
                or (
                    not head.startswith(b"\x7fELF")
                    and (entry.path.endswith(SUFFIXES) or self._was_sourced(entry))
                )
            ):
                return
            text = head + stream.read(MAX_SCRIPT)
        todo = [(entry.path, text)]
        while todo:
            script, text = todo.pop()
            for item in sourced(text):
                final = self._keep(item, script)
                if final is not None and self._is_unread(final):
                    self._own.add(final.path)
                    todo.append((final.path, self._work.scene.text(final)))
                    self._post(todo[-1][1], final)

    def _keep(self, item: Sourced, script: ImagePath) -> Entry | None:
        """Keep the file that a script reads, and return it."""
        for candidate in self._candidates(item, script):
            final = self._work.scene.rootfs.walk(candidate).final
            if final is not None and final.is_file:
                self._work.keeping.reach(
                    candidate, Reason("shell-source", f"read in by {script}", script)
                )
                return final
        return None

    def _is_unread(self, entry: Entry) -> bool:
        """Return whether a file was kept as the application's, and nothing says it is a script."""
        path = entry.path
        return (
            path in self._work.keeping
            and not self._was_sourced(entry)
            and path not in self._own
            and not path.endswith(SUFFIXES)
            and not entry.is_executable
            and entry.size <= MAX_SCRIPT
            and path not in self._work.scene.inventory.owners
        )

    def _post(self, text: bytes, entry: Entry) -> None:
        """Hand on the text of a file that is a script only because another one reads it."""
        self._work.facts.post(TextFound(Text(text, Kind.SHELL), entry))
        self._work.facts.post(ModulesRun(run_as_modules(text, in_lines=True), entry.path))

    def _was_sourced(self, entry: Entry) -> bool:
        return self._work.keeping.reasons[entry.path].code == "shell-source"

    def _candidates(self, item: Sourced, script: ImagePath) -> Iterator[str]:
        here, config = parent(script), self._work.scene.config
        if item.path.startswith("/") and not item.computed:
            yield item.path
            return
        rest = item.path.lstrip("/")
        yield from (
            f"{base.rstrip('/')}/{rest}" for base in (here, parent(here), config.working_dir)
        )
        if "/" not in rest:
            yield from (f"{directory}/{rest}" for directory in self._work.scene.command_path)
        if item.computed and item.path.startswith("/"):
            yield item.path
            if "/" in rest or name(ImagePath(f"/{rest}")) == rest:
                found = [
                    path
                    for path in self._work.scene.index.named(name(ImagePath(f"/{rest}")))
                    if path.endswith(f"/{rest}")
                ]
                yield from found if len(found) == 1 else ()

    def settle(self) -> None:
        """Do nothing: scripts are handled as they are kept."""
