"""Programs that others start by an absolute path in their bytes (execve(2), popen(3))."""

import re

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism
from careen.plan.mechanisms.files.programs import is_loadable, may_be_elf

# The first character stands before the look-behind because a search for it is fastest.
_PROGRAM = re.compile(
    rb"/(?<=[\0\"'`|!;= ]/)(?:usr/(?:local/)?)?(?:s?bin|libexec|lib)/[\w.+/-]{1,120}(?=[\0\"'`|; ])"
)
_MAX_NAMED = 1000


class HelperPrograms(Mechanism):
    """Keeps the executables that a kept ELF program names by absolute path in its bytes.

    Examples are the mailer of a scheduler, an agent, or a pager. Setuid programs and those that
    rules skip, such as compilers and installers, are left out. Libraries are not read: what they
    name is for other programs.
    """

    id = "helper-programs"
    why = (
        "a program starts another by a compiled-in path when a request, an error or a schedule"
        " needs it"
    )
    codes = ("helper-program",)

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if (
            not entry.is_executable
            or not may_be_elf(entry)
            or is_loadable(name(entry.path))
            or (info := self._work.loader.info(entry)) is None
            or not info.interpreter
        ):
            return
        for found in sorted(set(_PROGRAM.findall(scene.text(entry))))[:_MAX_NAMED]:
            text = found.decode("utf-8", "surrogateescape")
            final = scene.rootfs.walk(text).final
            if (
                final is None
                or not final.is_executable
                or final.is_setid
                or name(ImagePath(text)) in scene.skipped_commands
                or self._work.leaves_out(text)
            ):
                continue
            self._work.keeping.reach(
                text, Reason("helper-program", f"{text}, named in {entry.path}", entry.path)
            )
