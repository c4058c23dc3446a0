"""Commands that are started by name.

The names are in the image's configuration, shell scripts, the application's source and calls in
libraries.
"""

import re
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import islice

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.model.runs.trace import Use
from careen.plan.core.facts import (
    CommandFile,
    ModulesOnCommandLine,
    OwnFiles,
    ProgramsStarted,
    TextFound,
)
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.sources import Sources
from careen.plan.mechanisms.application.own_files import MAX_SCRIPT, OWN_SCRIPT, SOURCES
from careen.plan.mechanisms.application.settings import without_template
from careen.plan.mechanisms.commands.passed import Passed
from careen.plan.mechanisms.commands.shell_sources import SHELL, SUFFIXES
from careen.plan.mechanisms.commands.starts import Starts
from careen.plan.mechanisms.python.requested import is_requested
from careen.plan.scanners.commands.composed import composed_commands
from careen.plan.scanners.commands.library import LibraryCommands, library_commands
from careen.plan.scanners.commands.lines import command_lines, started_by
from careen.plan.scanners.commands.shell import shell_commands
from careen.plan.scanners.commands.tables import (
    called_programs,
    commands_in_list,
    commands_in_tables,
    joined,
)
from careen.plan.scanners.commands.words import WORDS
from careen.plan.scanners.compiled.texts import CythonTexts
from careen.plan.scanners.imports import (
    first_of_lists,
    imported,
    lines_of_shell,
    literals,
    looked_for,
    shell_words,
    started,
    starts_programs,
    with_constants,
)
from careen.plan.scanners.packed_text import Kind, Text
from careen.plan.scanners.process_lists import (
    LISTERS,
    handles_a_missing_program,
    reads_processes,
)

_BACKTICKS = (".pl", ".pm", ".psgi", ".cgi", ".rb", ".rake", ".ru", ".php", ".phtml", ".jl")
_IN_BACKTICKS = re.compile(
    rb"`([^`\n]{1,300})`|\bqx[{(/|]([^\n]{1,300}?)[})/|]|%x[{(\[]([^\n]{1,300}?)[})\]]"
)
_INLINE = re.compile(
    r"((?:python[\d.]*|node|perl|ruby|php)\s+(?:-\w{1,60}\s+){0,20}-\w{0,60}[cer]\s*)(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')"
)
_PATH_MAX = 4096
_MAX_BESIDE = 200  # sources in one directory that are searched for /proc
_INTERPRETER = re.compile(r"python[\d.]*\Z|node\Z|perl\Z|ruby\Z|php\Z")
_SCRIPTS = (".js", ".cjs", ".mjs")
_STARTING = (
    "/etc/cron",
    "/var/spool/cron/",
    "/etc/anacrontab",
    "/etc/supervis",
    "/etc/services.d/",
    "/etc/s6",
    "/etc/sv/",
    "/etc/service/",
    "/etc/runit/",
    "/etc/monit",
    "/etc/rc.local",
    "/etc/inittab",
)
"""Configuration of what starts other programs: crontab(5), supervisord, s6, runit, monit, init."""
_WORDS = re.compile(r"[\w./+-]+")
_SEARCHED = frozenset({"PATH", "HOME", "PWD"})
_NAMES_A_PROGRAM = re.compile(
    r"(?:\w{0,60}_)?(?:CMD|COMMAND|PROGRAM|EXECUTABLE|BINARY|BIN|TOOL|PAGER|EDITOR|BROWSER|CONVERTER|RENDERER)\Z"
)
_STARTED = (
    "command",
    "shebang",
    "shell-source",
    "helper-program",
    "configured-program",
    "configured-command",
    "compiled-command",
    "beside-a-script",
)


class Commands(Mechanism):
    """Keeps the executables on PATH that kept code or the image's configuration can start.

    Observed command lines and shell scripts are read, too. In the application's source, literals,
    calls, command lines and collections of commands count. In kept libraries only calls with a
    literal count, without commands that rules skip. Setuid programs need a word where a command
    stands, a collection, or an absolute path.
    """

    id = "commands"
    why = (
        "a script or a library takes one of many branches in the profile, and commands of the"
        " others are never executed there"
    )
    codes = ("command",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._starts = work.shared(Starts)
        self._sources = work.shared(Sources)
        self._quiet: list[Entry] = []
        self._words_only = {
            word
            for rule in work.scene.policy.rules.at(work.scene.level)
            for word in rule.skip_literals
        }
        self._of_distributions = self._programs_without_a_module()
        self._wrapping = self._commands_with_a_module()
        self._wrapped: list[tuple[str, Entry]] = []
        self._libraries: list[Entry] = []
        self._scripts: list[Entry] = []
        self._tools: list[Entry] = []
        self._wrappers: list[Entry] = []
        self._passed = Passed(work, self._commands, self._harmless)
        self._unread = OwnFiles(work.facts)
        self._values = dict(work.scene.config.env)
        work.facts.on(TextFound, lambda fact: self._read(fact.text, fact.entry))

    def plant(self) -> None:
        """Keep the commands of the image's configuration and of the observed runs."""
        config = self._work.scene.config
        lines: list[tuple[str, Iterable[str]]] = [
            ("the entrypoint", config.entrypoint),
            ("the command", config.cmd),
        ]
        if (health := config.healthcheck) is not None:
            lines.append(
                (
                    "the health check",
                    (*health.test[1:], "/bin/sh" if health.test[0] == "CMD-SHELL" else ""),
                )
            )
        lines.extend(
            (f"variable {key}", (value,))
            for key, value in config.env.items()
            if self._is_program(key, value)
        )
        lines.extend(
            (f"the command of workload {run.workload}", run.command)
            for run in self._work.scene.bom.runs
        )
        for what, words in lines:
            chosen: list[str] = []
            started: set[str] = set()
            for word in words:
                chosen.append(word)
                if any(char.isspace() for char in word):
                    source = word.replace(";", "\n").replace('"', "\n").replace("'", "\n")
                    self._work.facts.post(ModulesOnCommandLine(imported(source.encode()), None))
                    chosen.extend(_WORDS.findall(_INLINE.sub(r"\1", word)))
                    started |= shell_commands(
                        _INLINE.sub(r"\1", word), self._work.scene.command_names
                    ).started
            if (
                not any(char in first for first in list(words)[:1] for char in " \t")
                and "-c" in words
                and _INTERPRETER.match(name(ImagePath(chosen[0])))
            ):
                chosen = [word for word in words if " " not in word]
                started = set()
            self._commands({*chosen[:1], *started}, f"named by {what}", None)
            self._words(chosen, f"named by {what}", None)
        self._variables()

    def _variables(self) -> None:
        """Keep the commands in variables.

        The value is a command line or a list of commands, or the name says that the value is a
        command.
        """
        scene = self._work.scene
        for key, value in scene.config.env.items():
            if key in _SEARCHED:
                continue
            self._commands(
                started_by(value, scene.command_names), f"a command line in variable {key}", None
            )
            self._commands(
                commands_in_list(value, scene.command_names),
                f"in a list of commands in variable {key}",
                None,
            )
            if _NAMES_A_PROGRAM.match(key):
                self._harmless({value} - scene.skipped_commands, f"named by variable {key}", None)

    def _choices(self) -> None:
        """Keep the commands that are the value of a variable, for an application that starts some.

        English words and commands that rules skip do not count (`ENGINE=pdftotext`).
        """
        values, self._values = self._values, {}
        known = (
            self._work.scene.command_names - self._words_only - self._work.scene.skipped_commands
        )
        for key, value in values.items():
            if key not in _SEARCHED and value in known and value not in WORDS:
                self._harmless({value}, f"the value of variable {key}", None)

    def _is_program(self, key: str, value: str) -> bool:
        """Return whether a variable may name a program (`CHROME_BIN=/usr/bin/chromium`)."""
        # Programs that only builds start (`CC`) are skipped commands.
        return (
            value.startswith("/")
            and key not in _SEARCHED
            and name(ImagePath(value)) not in self._work.scene.skipped_commands
        )

    def _programs_without_a_module(self) -> frozenset[str]:
        scene = self._work.scene
        directories = frozenset(scene.command_path)
        return frozenset(
            name(path)
            for package in scene.packages(Ecosystem.PYPI)
            if not package.modules
            for path in package.files
            if parent(path) in directories
        )

    def _commands_with_a_module(self) -> dict[str, bool]:
        """Return the commands that rules skip and a distribution's module has the name of.

        With each, whether its owner asked for it: the distribution is marked, or the application
        imports it.
        """
        scene = self._work.scene
        return {
            module: is_requested(package)
            for package in scene.packages(Ecosystem.PYPI)
            for module in package.modules
            if module in scene.skipped_commands and module in scene.command_names
        }

    def visit(self, entry: Entry) -> None:
        scene = self._work.scene
        if not entry.is_file:
            return
        if (entry.path.endswith(".py") and scene.owners(entry.path, Ecosystem.PYPI)) or (
            entry.path.endswith(_SCRIPTS) and "/node_modules/" in entry.path
        ):
            self._libraries.append(entry)
        elif scene.used_as(entry.path, Use.EXECUTED):
            self._scripts.append(entry)
        elif entry.path.startswith(_STARTING) and scene.used_as(entry.path, Use.OPENED):
            self._tools.append(entry)  # a schedule that a package brought, and a scheduler read
        elif (code := self._work.keeping.reasons[entry.path].code) == OWN_SCRIPT or (
            code in _STARTED and entry.size <= MAX_SCRIPT
        ):
            self._tools.append(entry)
        elif (
            entry.is_executable
            and entry.size <= MAX_SCRIPT
            and scene.owners(entry.path, Ecosystem.PYPI)
        ):
            self._wrappers.append(entry)

    def settle(self) -> None:
        scene = self._work.scene
        starts = self._starts.known()
        if starts:
            self._choices()
            quiet, self._quiet = self._quiet, []
            for entry in quiet:
                self._started_elsewhere(scene.text(entry), entry)
        for entry in self._unread.take():
            self._source(entry, own=True)
        scripts, self._scripts = self._scripts, []
        for entry in scripts:
            self._source(entry)
        tools, self._tools = self._tools, []
        for entry in tools:
            self._source(entry, scene.skipped_commands)
        wrappers, self._wrappers = self._wrappers, []
        for entry in wrappers:
            text = scene.text(entry)
            if SHELL.match(text):
                self._harmless(
                    looked_for(text) - scene.skipped_commands,
                    f"looked for by {entry.path}",
                    entry.path,
                )
        libraries, self._libraries = self._libraries, []
        starting = [entry for entry in libraries if self._may_start(entry)]
        for entry in starting:
            self._sources.expect_commands(entry)
        calling: set[ImagePath] = set()
        for entry in starting:
            commands = self._sources.commands(entry)
            if commands.calls:
                calling.add(entry.path)
            self._library(commands, partial(self._sources.text, entry), entry)
            self._note_wrapper(commands, entry)
        for entry in libraries:
            if entry.path.endswith(".py"):
                self._passed.note_library(entry, calls=entry.path in calling)
        self._passed.settle(starts=starts)
        wrapped, self._wrapped = self._wrapped, []
        for command, entry in wrapped:
            if self._wrapping[command]:
                self._harmless({command}, f"which {entry.path} wraps", entry.path)
            else:
                self._wrapped.append((command, entry))

    def _note_wrapper(self, of: LibraryCommands, entry: Entry) -> None:
        """Record a source of a module `git` that starts programs and names `git`."""
        # For other libraries version control is one of many ways; a wrapper is nothing without.
        found = (
            command
            for command in self._wrapping
            if f"-packages/{command}/" in entry.path and of.calls
        )
        self._wrapped += (
            (command, entry)
            for command in found
            if command in self._sources.names(entry).literals.split()
        )

    def _may_start(self, entry: Entry) -> bool:
        scan = self._sources.of(entry)
        return scan.starts_programs or not scan.heads_of_lists.isdisjoint(
            self._work.scene.command_names
        )

    def _read(self, text: Text, entry: Entry) -> None:
        """Keep what a text of the application's packed file starts."""
        scene = self._work.scene
        skipped = scene.skipped_commands if text.foreign else frozenset()
        if not text.foreign and (
            text.kind is Kind.STARTS
            or (
                text.kind in (Kind.SOURCE, Kind.BYTE_CODE, Kind.TABLE)
                and starts_programs(text.data)
            )
        ):
            self._work.facts.post(ProgramsStarted())
        match text.kind:
            case Kind.SOURCE if text.foreign:
                self._library(library_commands(text.data), lambda: text.data, entry)
            # In byte code of libraries no call tells a command from another word: its words count
            # if it starts programs and no rule skips them.
            case Kind.SOURCE | Kind.BYTE_CODE if not text.foreign or starts_programs(text.data):
                self._text(
                    text.data,
                    entry,
                    skipped,
                    starts=starts_programs(text.data)
                    or (not text.foreign and self._starts.known()),
                )
            case Kind.SHELL:
                self._harmless(
                    shell_words(text.data) - self._words_only - scene.skipped_commands,
                    f"named in {entry.path}",
                    entry.path,
                )
            case Kind.STARTS:
                words = _WORDS.findall(text.data.decode("utf-8", "replace"))
                self._harmless(
                    {*words} - self._words_only - scene.skipped_commands,
                    f"named in {entry.path}",
                    entry.path,
                )
                self._commands(
                    commands_in_tables(text.data, scene.command_names),
                    f"in a collection of commands in {entry.path}",
                    entry.path,
                )
            case Kind.TABLE if starts_programs(text.data):
                loose = CythonTexts(loose=text.data)
                known = scene.command_names - self._words_only - scene.skipped_commands
                self._harmless(
                    (
                        word
                        for word in known
                        if loose.names(word.encode("utf-8", "surrogateescape"))
                    ),
                    f"named in {entry.path}",
                    entry.path,
                )
            case _:
                pass

    def _library(self, of: LibraryCommands, text: Callable[[], bytes], entry: Entry) -> None:
        words = of.started | ((of.handed_over | of.named) & self._work.scene.command_names)
        # The call may be given a constant, an item of a list or a default.
        if of.calls and entry.path.endswith(".py"):
            found = frozenset(self._sources.names(entry).literals.split())
            named = {word for word in found if word.startswith("/")}
            named |= (found & self._work.scene.command_names) - WORDS
            words |= {word for word in named if not self._work.scene.is_of_the_base(word)}
            skipped = self._work.scene.skipped_commands
            words = frozenset(word for word in words if word.rpartition("/")[2] not in skipped)
        # A distribution with a program and no module (py-spy, ruff) is there to be started, so a
        # literal is enough.
        if self._of_distributions and of.starts_programs:
            words |= literals(text()) & self._of_distributions
        if not words.isdisjoint(LISTERS) and self._lists_processes_itself(text(), entry):
            words -= LISTERS
        self._harmless(
            words - self._work.scene.skipped_commands, f"started by {entry.path}", entry.path
        )

    def _lists_processes_itself(self, text: bytes, entry: Entry) -> bool:
        """Return whether a library starts `ps` only where there is no /proc.

        A source beside this one reads /proc, and this one handles that there is no `ps`.
        """
        if not handles_a_missing_program(text):
            return False
        rootfs = self._work.scene.rootfs
        kind = entry.path.rpartition(".")[2]
        beside = (path for path in rootfs.children(parent(entry.path)) if path.endswith(f".{kind}"))
        return any(
            reads_processes(self._work.scene.text(rootfs[path]))
            for path in islice(beside, _MAX_BESIDE)
        )

    def _source(
        self, entry: Entry, skipped: AbstractSet[str] = frozenset(), *, own: bool = False
    ) -> None:
        scene = self._work.scene
        read_in = self._work.keeping.reasons[entry.path].code == "shell-source"
        if not (
            without_template(entry.path).endswith(SOURCES)
            or entry.is_executable
            or read_in
            or entry.path.startswith(_STARTING)
        ):
            return
        text = scene.text(entry)
        if text.startswith(b"\x7fELF"):
            return
        if entry.path.startswith(_STARTING):
            self._named(
                shell_words(text) - scene.skipped_commands - self._words_only,
                f"named in {entry.path}",
                entry.path,
                own=own,
            )
            return
        if read_in or SHELL.match(text) or without_template(entry.path).endswith(SUFFIXES):
            self._shell(with_constants(text, scene.config.env), entry, skipped, own=own)
            return
        if entry.path.endswith(_BACKTICKS):
            for line in (
                word.decode("utf-8", "replace")
                for found in _IN_BACKTICKS.findall(text)
                for word in found
                if word
            ):
                self._shell_line(line, skipped, f"started by {entry.path}", entry)
        starts = self._starts.known() if own else starts_programs(text)
        if own:
            for command in [item for item in self._wrapping if item.encode() in text]:
                self._wrapping[command] |= command in imported(text)
        self._text(text, entry, skipped, starts=starts, own=own)
        if own:
            self._passed.note_own(entry)
        if own and not starts:
            self._quiet.append(entry)

    def _shell(self, text: bytes, entry: Entry, skipped: AbstractSet[str], *, own: bool) -> None:
        self._shell_line(text.decode("utf-8", "replace"), skipped, f"named in {entry.path}", entry)
        words = shell_words(text)
        if own:
            self._harmless(
                composed_commands(text, self._work.scene.command_names, script=True)
                - self._work.scene.skipped_commands,
                f"composed in {entry.path}",
                entry.path,
            )
            self._commands(
                {word for word in words if word.startswith("/")} - skipped,
                f"named in {entry.path}",
                entry.path,
            )
        self._import(words, entry.path)

    def _shell_line(self, text: str, skipped: AbstractSet[str], why: str, entry: Entry) -> None:
        found = shell_commands(text, self._work.scene.command_names)
        self._commands(found.started - skipped, why, entry.path)
        self._harmless(found.named - skipped, why, entry.path)

    def _text(
        self,
        text: bytes,
        entry: Entry,
        skipped: AbstractSet[str],
        *,
        starts: bool,
        own: bool = False,
    ) -> None:
        words = literals(text) - self._words_only - skipped
        why = f"named in {entry.path}"
        self._harmless(words if starts or not own else words - WORDS, why, entry.path)
        self._commands({word for word in words if word.startswith("/")}, why, entry.path)
        self._commands(
            first_of_lists(text) - skipped,
            f"the first word of a command line in {entry.path}",
            entry.path,
        )
        self._commands(
            command_lines(text, self._work.scene.command_names) - skipped,
            f"a command line in {entry.path}",
            entry.path,
        )
        if starts and own:
            self._started_elsewhere(text, entry)
        elif starts:
            self._calls(text, entry, skipped)

    def _started_elsewhere(self, text: bytes, entry: Entry) -> None:
        """Keep what counts in a source if any file of the application starts programs."""
        known = self._work.scene.command_names
        words = (literals(text) | literals(joined(text))) - self._words_only
        words |= composed_commands(text, known) - self._work.scene.skipped_commands
        words |= called_programs(text, known)
        self._harmless(words, f"named in {entry.path}", entry.path)
        self._commands(
            commands_in_tables(text, known),
            f"in a collection of commands in {entry.path}",
            entry.path,
        )
        self._calls(text, entry, frozenset())

    def _calls(self, text: bytes, entry: Entry, skipped: AbstractSet[str]) -> None:
        self._commands(
            lines_of_shell(text, anywhere=True) - skipped,
            f"in a line of shell in {entry.path}",
            entry.path,
        )
        for words in started(text, anywhere=True):
            self._commands({*words[:1]} - skipped, f"started by {entry.path}", entry.path)
            self._harmless({*words[1:]} - skipped, f"started by {entry.path}", entry.path)

    def _named(self, words: AbstractSet[str], why: str, because: ImagePath, *, own: bool) -> None:
        if own:
            self._commands({word for word in words if word.startswith("/")}, why, because)
        self._words(words, why, because)

    def _words(self, words: Iterable[str], why: str, because: ImagePath | None) -> None:
        chosen = set(words)
        self._harmless(chosen, why, because)
        self._import(chosen, because)

    def _import(self, words: Iterable[str], because: ImagePath | None) -> None:
        # `${APP:-pkg.module}` leaves a dash.
        modules = frozenset(re.split(r"[.:]", word.lstrip("-"))[0] for word in words)
        self._work.facts.post(ModulesOnCommandLine(modules, because))

    def _harmless(self, words: Iterable[str], why: str, because: ImagePath | None) -> None:
        """Keep the commands that some words name, without setuid ones."""
        self._commands(
            (
                word
                for word in words
                if len(word) < _PATH_MAX and self._work.scene.harmless_command(word) is not None
            ),
            why,
            because,
        )

    def _commands(self, words: Iterable[str], why: str, because: ImagePath | None) -> None:
        for word in sorted(set(words)):
            if (
                word
                and len(word) < _PATH_MAX
                and (found := self._work.scene.command(word)) is not None
            ):
                entry = self._work.keeping.reach(
                    found, Reason("command", f"{word!r}, {why}", because)
                )
                if entry is not None and entry.path in self._work.keeping and entry.is_file:
                    self._work.facts.post(CommandFile(entry))
