"""What a program needs to start: ELF interpreter, libraries, or shebang interpreter."""

import re
from collections.abc import Iterable
from functools import partial

from careen.formats.elf.program import ElfInfo
from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.mechanism import Mechanism, Work

MAX_SHEBANG = 256  # as the kernel reads (BINPRM_BUF_SIZE)
MAX_WORDS = 64
_TAKES_ONE = ("-u", "--unset", "-C", "--chdir")
_SPLIT = re.compile(r"-[iv0]*S(.*)\Z", re.DOTALL)
_LOADABLE = re.compile(r"\.so(\.[\w.]+)?\Z|\.so\.|\.node\Z|\.jnilib\Z|\.pyd\Z|\.oct\Z|\.mex\Z")


def may_be_elf(entry: Entry) -> bool:
    """Return whether a file may be ELF: it is executable, or named like a library."""
    return entry.is_file and (entry.is_executable or is_loadable(name(entry.path)))


def is_loadable(base: str) -> bool:
    """Return whether a file of this name may be a library or module opened at run time."""
    return _LOADABLE.search(base) is not None


def env_command(words: Iterable[str]) -> str:
    """Return the command that env(1) starts with these words, or "".

    What is attached to `-S` or `--split-string=` (`-Spython3`) is the next word. `-u NAME`, `-C
    DIR` and `NAME=value` are skipped.
    """
    todo = list(words)[:MAX_WORDS]
    while todo:
        word = todo.pop(0).strip("\"'")
        if word.startswith("--split-string="):
            todo.insert(0, word.partition("=")[2])
        elif word in _TAKES_ONE:
            todo = todo[1:]
        elif (split := _SPLIT.match(word)) is not None:
            todo[:0] = [split.group(1)] if split.group(1) else []
        elif not word.startswith("-") and "=" not in word:
            return word
    return ""


def shebang(rootfs: Rootfs, entry: Entry) -> tuple[str, ...]:
    """Return the words of a file's `#!` line, as the kernel reads it; () without one."""
    with rootfs.open(entry.path) as stream:
        head = stream.read(MAX_SHEBANG)
    return (
        tuple(head[2:].partition(b"\n")[0].decode("utf-8", "surrogateescape").split())
        if head.startswith(b"#!")
        else ()
    )


class Programs(Mechanism):
    """Keeps the ELF interpreter, NEEDED libraries and shebang interpreter of every kept file.

    At `observed` only executed scripts keep their interpreters.
    """

    id = "elf-and-shebang"
    why = (
        "the kernel and the loader open these before the program's first instruction; another"
        " path or processor may need others"
    )
    codes = ("elf-interpreter", "elf-needed", "shebang")
    at_observed = True

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._inherited: dict[ImagePath, tuple[str, ...]] = {}

    def visit(self, entry: Entry) -> None:
        if not may_be_elf(entry):
            return
        info = self._work.loader.info(entry)
        if info is not None:
            self._elf(entry, info)
        elif self._work.scene.wide or self._work.scene.used_as(entry.path, Use.EXECUTED):
            self._script(entry)

    def _elf(self, entry: Entry, info: ElfInfo) -> None:
        keeping = self._work.keeping
        if info.interpreter:
            keeping.reach(
                info.interpreter, Reason("elf-interpreter", f"loads {entry.path}", entry.path)
            )
        inherited = self._inherited.get(entry.path, ())
        handed_on = tuple(
            dict.fromkeys((*self._work.loader.own_paths(entry.path, info), *inherited))
        )[:64]
        for library in info.needed:
            self._work.opened.note(
                name(ImagePath(library)),
                entry.path,
                partial(self._work.loader.names_symbol, entry.path, info),
            )
            for text in self._work.loader.resolve(library, entry.path, info, inherited):
                found = keeping.reach(
                    text, Reason("elf-needed", f"{library}, needed by {entry.path}", entry.path)
                )
                if found is not None:
                    self._inherited.setdefault(found.path, handed_on)

    def _script(self, entry: Entry) -> None:
        words = shebang(self._work.scene.rootfs, entry)
        if not words:
            return
        reason = Reason("shebang", f"interpreter of {entry.path}", entry.path)
        self._work.keeping.reach(words[0], reason)
        if name(ImagePath(words[0])) == "env":
            command = env_command(words[1:])
            if command and (found := self._work.scene.command(command)):
                self._work.keeping.reach(found, reason)
