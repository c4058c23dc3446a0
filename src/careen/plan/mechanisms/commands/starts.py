"""Whether the application starts programs.

The question is for all its files together: one module runs what another one holds.
"""

from careen.plan.core.facts import OwnFiles, ProgramsStarted
from careen.plan.core.mechanism import Work
from careen.plan.mechanisms.application.own_files import (
    MAX_SCRIPT,
    PYTHON_AND_JAVASCRIPT,
    SOURCES,
)
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.scanners.imports import starts_programs

_OTHERS = (
    *(
        b"pexpect",
        b"plumbum",
        b"import sh\n",
        b"from sh import",
        b"pty.spawn",
        b"open_process(",
        b"run_process(",
        b"execa",
        b"shelljs",
        b"Deno.Command",
    ),
    *(
        b"Bun.spawn",
        b"Open3",
        b"Process.spawn",
        b"Kernel.exec",
        b"proc_open",
        b"shell_exec",
        b"passthru(",
        b"escapeshell",
        b"IPC::Open",
        b"IPC::Run",
    ),
    *(
        b"ProcessBuilder",
        b"io.popen",
        b"System.cmd",
        b"from invoke",
        b"posix_spawn",
        b"from fabric",
        b"`$",
        b"qx{",
        b"qx(",
    ),
)

_IN_OTHER_LANGUAGES = (
    b"exec",
    b"system",
    b"spawn",
    b"popen",
    b"`",
    b"%x",
    b"qx",
)  # Tcl's exec, Lua's os.execute, Ruby's and Perl's backticks


class Starts:
    """Answer to whether any of the application's own files starts programs.

    Shell scripts do not count: nearly every image has one, and it reads no other file's texts.
    Mechanisms that find it in compiled programs and packed files post `ProgramsStarted`.
    """

    def __init__(self, work: Work) -> None:
        self._scene = work.scene
        self._unread = OwnFiles(work.facts)
        self._known = False
        work.facts.on(ProgramsStarted, self._note)

    def _note(self, _: ProgramsStarted) -> None:
        self._known = True

    def known(self) -> bool:
        """Return whether it does, by the application's files that are known so far."""
        for entry in self._unread.take():
            if self._known:
                break
            if entry.path.endswith(SUFFIXES) or not (
                entry.path.endswith(SOURCES) or (entry.is_executable and entry.size <= MAX_SCRIPT)
            ):
                continue
            text = self._scene.text(entry)
            if not text.startswith(b"\x7fELF") and not SHELL.match(text):
                more = (
                    _IN_OTHER_LANGUAGES
                    if entry.path.endswith(SOURCES)
                    and not entry.path.endswith(PYTHON_AND_JAVASCRIPT)
                    else ()
                )
                self._known = starts_programs(text) or any(
                    word in text for word in (*_OTHERS, *more)
                )
        return self._known
