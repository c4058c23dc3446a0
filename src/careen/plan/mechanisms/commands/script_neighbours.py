"""Files that a shell script starts or reads beside itself.

Examples are `exec "$here/program-bin"`, `"$(dirname "$0")/../libexec/tool"` and `"tool$version"`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.commands.shell_sources import COMPUTED, MAX_SCRIPT, SHELL, SUFFIXES

_BESIDE = re.compile(rb"(?:" + COMPUTED + rb")[\"']?/([\w.+@~-][\w./+@~-]{0,400})")
_NUMBERED = re.compile(rb"(?<![\w$./{+-])([A-Za-z][\w.+-]{1,40})\$\{?\w")
_NUMBER = re.compile(r"[\d.]{1,12}\Z")
MAX_NAMES = 2000  # of one script; the longest scripts of distributions have some dozens


class ScriptNeighbours(Mechanism):
    """Keeps the files that a kept shell script names by a path with a computed beginning.

    They lie below the script's directory or the one above it. Programs in its directory count, too,
    if their name is a word of the script with a number from a variable. Setuid programs and
    commands that rules skip are left out.
    """

    id = "script-neighbours"
    why = "a wrapper script computes its own location, and starts what lies beside it"
    codes = ("beside-a-script",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._numbers: dict[ImagePath, Mapping[str, Sequence[ImagePath]]] = {}

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if (
            not entry.is_file
            or entry.size > MAX_SCRIPT
            or not (entry.is_executable or entry.path.endswith(SUFFIXES))
        ):
            return
        text = scene.text(entry)
        if not SHELL.match(text):
            return
        for path in dict.fromkeys(
            (*self._beside(text, entry.path), *self._numbered(text, entry.path))
        ):
            final = scene.rootfs.walk(path).final
            if (
                final is not None
                and final.is_file
                and not final.is_setid
                and name(ImagePath(path)) not in scene.skipped_commands
            ):
                self._work.keeping.reach(
                    path,
                    Reason(
                        "beside-a-script",
                        f"named in {entry.path}, which lies beside it",
                        entry.path,
                    ),
                )

    def _beside(self, text: bytes, script: ImagePath) -> Iterator[str]:
        names = dict.fromkeys(word.decode("utf-8", "replace") for word in _BESIDE.findall(text))
        for rest in list(names)[:MAX_NAMES]:
            yield from (
                f"{base.rstrip('/')}/{rest}" for base in (parent(script), parent(parent(script)))
            )

    def _numbered(self, text: bytes, script: ImagePath) -> Iterator[str]:
        words = {word.decode("utf-8", "replace") for word in _NUMBERED.findall(text)}
        if not words:
            return
        numbered = self._with_numbers(parent(script))
        for word in sorted(words.intersection(numbered)):
            yield from numbered[word]

    def _with_numbers(self, directory: ImagePath) -> Mapping[str, Sequence[ImagePath]]:
        """Return the programs in a directory whose name ends with a number, by the rest of it."""
        if directory not in self._numbers:
            out: dict[str, list[ImagePath]] = {}
            for path in self._work.scene.rootfs.children(directory):
                base = name(path)
                stem = base.rstrip("0123456789.")
                if (
                    stem
                    and _NUMBER.match(base[len(stem) :])
                    and self._work.scene.rootfs[path].is_executable
                ):
                    out.setdefault(stem, []).append(path)
            self._numbers[directory] = out
        return self._numbers[directory]

    def settle(self) -> None:
        """Do nothing: scripts are handled as they are kept."""
