"""Commands in the application's configuration: command lines that are values of JSON, YAML, TOML and INI files."""

import re

from careen.model.entry import Entry
from careen.model.plan import Reason
from careen.plan.application import Application, Unread
from careen.plan.mechanism import Work

SUFFIXES = (".json", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".env")
_MAX_SIZE = 256 << 10  # vocabularies of models are larger, and their words are no commands
_NAME = r"([A-Za-z][\w.+-]{0,63}|(?:/[\w.+-]{1,100}){2,12})"
_LINE = re.compile(rf"(?:[:=,\[(]|^[^\S\n]*+-)\s*[\"']?{_NAME}[ \t]+[\"']?-{{1,2}}[A-Za-z0-9]", re.MULTILINE)  # VALUE: command -option …
_LIST = re.compile(rf"\[\s*[\"']{_NAME}[\"']\s*,\s*[\"'](?:-|[^\"']*[/.{{%$])")  # ["command", "-", …], ["command", "--option"], ["command", "{file}"]
_ITEMS = re.compile(rf"^[ \t]*-[ \t]+[\"']?{_NAME}[\"']?[ \t]*\n[ \t]*-[ \t]+[\"']?-", re.MULTILINE)  # the same, as items of YAML


def commands_of(text: str) -> frozenset[str]:
    """Return the first words of what reads as a command line: followed by an option, or first in a list with one or with a file or a place for one."""
    return frozenset(found for pattern in (_LINE, _LIST, _ITEMS) for found in pattern.findall(text))


class ConfiguredCommands:
    """Keeps the commands on PATH that start a command line in a configuration file of the application's own; a single word is no command line."""

    id = "configured-commands"
    why = "a converter, a renderer or a hook is started with the command line that the configuration has, when a request asks for it"

    def __init__(self, work: Work, application: Application) -> None:
        self._work = work
        self._unread = Unread(application)

    def visit(self, entry: Entry) -> None:
        """Nothing: the application's files are read when they are all known."""

    def settle(self) -> None:
        scene = self._work.scene
        for entry in self._unread.take():
            if not entry.path.endswith(SUFFIXES) or entry.size > _MAX_SIZE:
                continue
            for word in sorted(commands_of(scene.text(entry).decode("utf-8", "replace"))):
                if found := scene.harmless_command(word):
                    self._work.keeping.reach(found[0], Reason("configured-command", f"{word!r}, a command line in {entry.path}", entry.path))
