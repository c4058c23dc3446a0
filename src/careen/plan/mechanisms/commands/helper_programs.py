"""Programs that others start by absolute path: constants in the bytes of a kept program that name
an executable of the image (execve(2), popen(3)).
"""

import re

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.files.programs import is_loadable, may_be_elf

_PROGRAM = re.compile(
    rb"(?<=[\0\"'`|!;= ])/(?:usr/(?:local/)?)?(?:s?bin|libexec|lib)/[\w.+/-]{1,120}(?=[\0\"'`|; ])"
)
_MAX_NAMED = 1000


class HelperPrograms(Mechanism):
    """Keeps the executables that a kept program (an ELF file with an interpreter) names in full in
    its bytes: the mailer of an interpreter or a scheduler, an agent, a pager. Not setuid ones, and
    not what rules skip, such as compilers and installers. Libraries are not read: what they name is
    for others.
    """

    id = "helper-programs"
    why = (
        "a program starts another by a path that was compiled in, when a request, an error or a"
        " schedule asks for it"
    )
    codes = ("helper-program",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)

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
