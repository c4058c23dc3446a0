"""Commands in the application's configuration and data.

Command lines and collections of commands are read from JSON, YAML, TOML, INI, tables and SQLite.
"""

import re
from collections.abc import Container, Iterator

from careen.model.entry import Entry
from careen.model.paths import name
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.application.settings import is_settings, text_of
from careen.plan.mechanisms.commands.starts import Starts
from careen.plan.scanners.chosen_modules import declares
from careen.plan.scanners.commands.lines import command_lines, started_by
from careen.plan.scanners.commands.shell import shell_commands
from careen.plan.scanners.commands.tables import called_programs, commands_in_configured_tables
from careen.plan.scanners.commands.words import WORDS

_MAX_SIZE = 256 << 10  # vocabularies of models are larger, and their words are no commands
_PROGRAM = re.compile(
    r"\b(?:command|cmd|program|executable|binary)[\"']?[ \t]{0,20}[:=][ \t]{0,20}"
    r"[\"']?([A-Za-z][\w.+-]{1,63})[\"']?[ \t]{0,20}(?:[,}\]\r\n]|\Z)"
)
_KEY = (
    r"(?:run|script|command|cmd|shell|bash|sh|exec|(?:before|after)_script|(?:pre|post)_?\w{1,30}"
    r"|hook|on_\w{1,30})"
)
_YAML_SCRIPT = re.compile(
    rf"( {{0,80}})(?:- {{1,4}})?[\"']?{_KEY}[\"']?:[ \t]*[|>][+-]?\d?[ \t]*\Z"
)
_TOML_SCRIPT = re.compile(
    rf"^[ \t]{{0,80}}{_KEY}[ \t]{{0,20}}=[ \t]{{0,20}}\"\"\"([^\"]{{1,4000}})", re.MULTILINE
)
_OF_DEVELOPMENT = ("/.github/", "/.gitlab", "/.circleci/", "/.travis", "/azure-pipelines")
_MAKEFILE = re.compile(r"(?:GNUm|M|m)akefile\Z|[\w.-]{1,100}\.mk\Z")
_RECIPE = re.compile(r"^\t[ \t@+-]{0,20}([^\n]{1,4000})", re.MULTILINE)
_NAME = r"([A-Za-z][\w.+-]{0,63}|(?:/[\w.+-]{1,100}){2,12})"
_LINE = re.compile(
    rf"(?:[:=,\[(]|^[^\S\n]*+-)\s*[\"']?{_NAME}[ \t]+[\"']?-{{1,2}}[A-Za-z0-9]", re.MULTILINE
)  # VALUE: command -option …
_LIST = re.compile(
    rf"\[\s*[\"']{_NAME}[\"']\s*,\s*[\"'](?:-|[^\"']*[/.{{%$])"
)  # ["command", "-", …], ["command", "--option"], ["command", "{file}"]
_PLAIN_LIST = re.compile(
    rf"\[[^\S\n]{{0,40}}{_NAME}[^\S\n]{{0,40}},[^\S\n]{{0,40}}[\"']?(?:--?[A-Za-z]|[^\s\"',\[\]]{{0,100}}[/{{$])"
)  # [command, -o, …], [command, /file]: YAML needs no quotes
_ITEMS = re.compile(
    rf"^[ \t]*-[ \t]+[\"']?{_NAME}[\"']?[ \t]*\n[ \t]*-[ \t]+[\"']?-", re.MULTILINE
)  # the same, as items of YAML


def commands_of(text: str) -> frozenset[str]:
    """Return the first words of what reads as a command line.

    An option follows the word, or it is first in a list with an option, a file or a place for one.
    """
    return frozenset(
        found for pattern in (_LINE, _LIST, _PLAIN_LIST, _ITEMS) for found in pattern.findall(text)
    )


_VALUES = re.compile(
    r"(?:^|[:=,;>|\t]|[^\S\n]-)[^\S\n]{0,40}[\"']?((?:[A-Za-z_]\w{0,60}=)?[A-Za-z0-9/][\w.+/-]{0,100}[^\S\n](?!\s{0,20}[=:])[^\n]{1,1000})",
    re.MULTILINE,
)
_ONE_WORD = re.compile(
    r"[:=][^\S\n]{0,40}(?:\[[^\S\n]{0,20})?[\"']?([A-Za-z0-9_][\w.+-]{1,63})[\"']?"
    r"[^\S\n]{0,20}(?:\][^\S\n]{0,20})?,?[^\S\n]{0,20}$",
    re.MULTILINE,
)


def lines_of(text: str, known: Container[str]) -> frozenset[str]:
    """Return what a configuration's command lines start: values, and fields of tables."""
    found = set(command_lines(text.encode("utf-8", "replace"), known))
    for value in _VALUES.findall(text):
        found |= started_by(value, known)
    return frozenset(found)


def words_of(text: str, known: Container[str]) -> frozenset[str]:
    """Return the commands that are values of one word and no English words."""
    return frozenset(
        word for word in _ONE_WORD.findall(text) if word in known and word not in WORDS
    )


def programs_of(text: str, known: Container[str]) -> frozenset[str]:
    """Return the commands that are the value of a key named for one, and no English words."""
    return frozenset(word for word in _PROGRAM.findall(text) if word in known and word not in WORDS)


def scripts_of(text: str) -> Iterator[str]:
    """Yield the texts of several lines under keys named for scripts: YAML's blocks and TOML's."""
    yield from _TOML_SCRIPT.findall(text)
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        opened = _YAML_SCRIPT.match(lines[at])
        at += 1
        if opened is None:
            continue
        depth, start = len(opened.group(1)), at
        while at < len(lines) and (
            not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip(" ")) > depth
        ):
            at += 1
        yield "\n".join(line.strip() for line in lines[start:at])


class ConfiguredCommands(Mechanism):
    """Keeps the commands on PATH that the application's configuration or databases start.

    Command lines always count. In an application that starts programs, collections of commands and
    one-word values count, too, except in files that declare dependencies. Setuid commands stay only
    for a collection.
    """

    id = "configured-commands"
    why = (
        "a converter, a renderer or a hook is started by a command line in the configuration when"
        " a request needs it"
    )
    codes = ("configured-command",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._starts = work.shared(Starts)
        self._unread = OwnFiles(work.facts)
        self._quiet: list[Entry] = []
        self._makefiles: list[Entry] = []

    def settle(self) -> None:
        known = self._work.scene.command_names
        starts = self._starts.known()
        if starts:
            quiet, self._quiet = self._quiet, []
            for entry in quiet:
                self._collections(self._text(entry), entry)
        self._read_makefiles()
        for entry in self._unread.take():
            if _MAKEFILE.match(name(entry.path)):
                self._makefiles.append(entry)
                continue
            text = self._text(entry)
            if not text:
                continue
            self._keep(commands_of(text) | lines_of(text, known), "a command line", entry)
            self._keep(programs_of(text, known), "a program", entry)
            if starts:
                self._collections(text, entry)
            else:
                self._quiet.append(entry)
        self._read_makefiles()

    def _read_makefiles(self) -> None:
        """Keep what the recipes of makefiles start, once make itself is kept."""
        # Most makefiles are for building the application, where nothing in the image reads them.
        scene = self._work.scene
        make = scene.rootfs.walk(scene.command("make") or "/").final
        if make is None or make.is_dir or make.path not in self._work.keeping:
            return
        makefiles, self._makefiles = self._makefiles, []
        for entry in makefiles:
            text = scene.text(entry).decode("utf-8", "replace") if entry.size <= _MAX_SIZE else ""
            script = "\n".join(_RECIPE.findall(text)).replace("$$", "$")
            found = shell_commands(script, scene.command_names).started
            self._keep(found, "in a recipe", entry)

    def _text(self, entry: Entry) -> str:
        if not is_settings(entry.path):
            return ""
        return text_of(self._work.scene, entry, _MAX_SIZE).decode("utf-8", "replace")

    def _collections(self, text: str, entry: Entry) -> None:
        if declares(entry.path):
            return
        known = self._work.scene.command_names
        data = text.encode("utf-8", "replace")
        tables = commands_in_configured_tables(data, known)
        self._keep(tables, "in a collection of commands", entry, setuid=True)
        self._keep(words_of(text, known) | called_programs(data, known), "a value", entry)
        if not any(mark in entry.path for mark in _OF_DEVELOPMENT):
            for script in scripts_of(text):
                self._keep(shell_commands(script, known).started, "in a script", entry)

    def _keep(
        self, words: frozenset[str], what: str, entry: Entry, *, setuid: bool = False
    ) -> None:
        scene = self._work.scene
        for word in sorted(words):
            found = scene.command(word) if setuid else (scene.harmless_command(word) or ("",))[0]
            if found:
                self._work.keeping.reach(
                    found,
                    Reason("configured-command", f"{word!r}, {what} in {entry.path}", entry.path),
                )
