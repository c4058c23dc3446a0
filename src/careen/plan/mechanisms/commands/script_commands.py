"""Commands on PATH that are scripts for an interpreter that ran.

Examples are control commands, consoles and listers beside a service in Ruby, Perl, PHP or Python.
"""

from collections.abc import Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import SYSTEM
from careen.plan.mechanisms.commands.compiled_commands import is_runtime
from careen.plan.mechanisms.files.programs import env_command, shebang


class ScriptCommands(Mechanism):
    """Keeps scripts on PATH of a system package in use whose interpreter the workload ran.

    A package is in use once a file or link of it is kept, except its records and licences. Shells
    are no such interpreters. Setuid scripts and those that rules skip are left out, and what the
    scripts start does not follow.
    """

    id = "script-commands"
    why = (
        "operators of a service call the scripts beside it; these are small, and their"
        " interpreter is there already"
    )
    codes = ("script-command",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._waiting: dict[str, list[tuple[ImagePath, ImagePath]]] | None = None

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if entry.is_dir:
            return
        if self._waiting is None:
            self._waiting = {}
            for purl, path, interpreter in self._scripts():
                self._waiting.setdefault(purl, []).append((path, interpreter))
        for purl in scene.inventory.owners.get(entry.path, ()):
            if (
                purl not in self._waiting
                or entry.path in (package := scene.inventory.packages[purl]).metadata
                or entry.path in package.licences
            ):
                continue
            for path, interpreter in self._waiting.pop(purl):
                why = f"{name(path)!r} of {package.name}, a script for {interpreter}, which ran"
                self._work.add_broadly(path, Reason("script-command", why, entry.path))

    def _scripts(self) -> Iterator[tuple[str, ImagePath, ImagePath]]:
        """Yield the commands that wait: their package, path and interpreter."""
        scene = self._work.scene
        for path in (
            path for directory in scene.command_path for path in scene.rootfs.children(directory)
        ):
            owners = [
                purl
                for purl in scene.inventory.owners.get(path, ())
                if scene.inventory.packages[purl].ecosystem in SYSTEM
            ]
            final = (
                scene.rootfs.walk(path).final
                if owners and name(path) not in scene.skipped_commands
                else None
            )
            if (
                final is None
                or not final.is_file
                or not final.is_executable
                or final.is_setid
                or parent(final.path) not in scene.command_path
            ):
                continue
            interpreter = self._interpreter(final)
            if interpreter is not None:
                yield from ((purl, path, interpreter) for purl in owners)

    def _interpreter(self, entry: Entry) -> ImagePath | None:
        """Return the language's interpreter that a script starts, or None if it did not run."""
        scene = self._work.scene
        words = shebang(scene.rootfs, entry)
        text = (
            scene.command(env_command(words[1:]))
            if words and name(ImagePath(words[0])) == "env"
            else words[0]
            if words
            else None
        )
        final = scene.rootfs.walk(text).final if text is not None and text.startswith("/") else None
        ran = (
            final is not None
            and is_runtime(name(final.path))
            and (scene.used_as(final.path, Use.EXECUTED) or final.path in scene.configured_programs)
        )
        return final.path if final is not None and ran else None

    def settle(self) -> None:
        """Do nothing: files are handled as they are kept."""
