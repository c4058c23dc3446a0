"""Interpreters, and the files that they run when they open them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.rbom import UsedFile
from careen.model.runs.trace import Use


@dataclass(frozen=True, slots=True)
class Language:
    """One interpreted language.

    `program`: names of its interpreters. `library`: name of the shared library that makes any other
    program an interpreter (uWSGI maps libpython). `runs`: path endings of files that run when
    opened. `archives`: path endings of archives whose code is loaded when opened. `verb`: the use
    in words.
    """

    program: re.Pattern[str]
    library: re.Pattern[str] | None
    runs: tuple[str, ...]
    archives: tuple[str, ...] = ()
    verb: str = "run"


LANGUAGES = (
    Language(
        re.compile(r"(?:python|pypy|graalpy)[\d.]*(?:t|d|-dbg)?\Z"),
        re.compile(r"libpy(?:thon|py)\d"),
        (".py", ".pyc"),
        (".egg", ".zip", ".whl"),
        "imported",
    ),
    Language(
        re.compile(r"(?:node|nodejs|bun|deno|electron)\Z"),
        re.compile(r"libnode\.so"),
        (".js", ".cjs", ".mjs", ".node"),
        (".asar",),
        "loaded",
    ),
    Language(
        re.compile(r"(?:java|javac|jshell|jsvc)\Z"),
        re.compile(r"libjvm\.so"),
        (),
        (".jar", ".war", ".ear", ".jmod", "/lib/modules"),
    ),
    Language(
        re.compile(r"perl[\d.]*\Z"),
        re.compile(r"libperl\.so"),
        (".pl", ".pm", ".al", ".ph"),
        (),
        "loaded",
    ),
    Language(
        re.compile(r"(?:ruby|jruby|truffleruby)[\d.]*\Z"),
        re.compile(r"libruby"),
        (".rb",),
        (),
        "loaded",
    ),
    Language(
        re.compile(r"(?:php|php-fpm|php-cgi)[\d.]*\Z"),
        re.compile(r"libphp"),
        (".php", ".inc"),
        (".phar",),
        "loaded",
    ),
    Language(
        re.compile(r"(?:lua|luajit)[\d.-]*\Z"), re.compile(r"liblua"), (".lua",), (), "loaded"
    ),
    Language(re.compile(r"(?:sh|dash|bash|ash|ksh|mksh|zsh|busybox)\Z"), None, (".sh", ".bash")),
)


class Interpreters:
    """Programs of one RBOM that interpret a language, by name or by mapped library."""

    def __init__(self, files: Iterable[UsedFile]) -> None:
        self._mapped: dict[str, set[Language]] = {}
        for file in files:
            name = file.path.rpartition("/")[2]
            for language in LANGUAGES:
                if language.library is not None and language.library.match(name):
                    for use in file.uses:
                        if use.use is Use.MAPPED and use.executable:
                            self._mapped.setdefault(use.executable, set()).add(language)
        self._known: dict[str, tuple[Language, ...]] = {}

    def of(self, executable: str) -> tuple[Language, ...]:
        """Return the languages that a program (its path) interprets."""
        known = self._known.get(executable)
        if known is None:
            name, mapped = executable.rpartition("/")[2], self._mapped.get(executable, ())
            known = self._known[executable] = tuple(
                one for one in LANGUAGES if one.program.match(name) or one in mapped
            )
        return known
