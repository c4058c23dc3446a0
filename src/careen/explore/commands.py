"""The commands in a container's command line, to run with `--help` and `--version`."""

import posixpath
import re
import shlex

from careen.model.image import ImageConfig
from careen.model.runs.workload import RunOptions

FLAGS = ("--help", "--version")
_WRAPPERS = frozenset(
    {"tini", "dumb-init", "catatonit", "su-exec", "gosu", "env", "exec", "nice", "setsid", "stdbuf"}
)
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_INTERPRETER = re.compile(
    r"(?:python|pypy|node|nodejs|ruby|perl|php|deno|bun|Rscript|lua|java)[0-9.]*\Z"
)
_TAKES_VALUE = frozenset({"-X", "-W", "-cp", "-classpath", "--class-path", "-r", "--require", "-I"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_MOST = 3
_WORDS = 64
_DEPTH = 4


def commands(config: ImageConfig, options: RunOptions) -> tuple[tuple[str, ...], ...]:
    """Return the words of each command in the command line, without its arguments.

    The entrypoint's command comes first, then the one that it is given (`/entry.sh`, then `python
    -m app`).
    """
    lines: tuple[tuple[str, ...], ...]
    if options.entrypoint is not None:
        lines = ((options.entrypoint, *options.args) if options.entrypoint else options.args, ())
    else:
        lines = (config.entrypoint, options.args or config.cmd)
    found: dict[tuple[str, ...], None] = {}
    for number, words in enumerate(lines):
        # What follows an entrypoint is a command only if it looks like one, not like an argument.
        if words and not (number and lines[0] and not _is_program(words[0])):
            found.update(dict.fromkeys(_heads(words[:_WORDS], 0)))
    return tuple(found)[:_MOST]


def _is_program(word: str) -> bool:
    return "/" in word or _INTERPRETER.match(word) is not None or word in _SHELLS


def _heads(words: tuple[str, ...], depth: int) -> tuple[tuple[str, ...], ...]:
    while words and (_ASSIGNMENT.match(words[0]) or (depth and words[0] == "exec")):
        words = words[1:]
    if not words or depth > _DEPTH or any("\0" in word for word in words):
        return ()
    name = posixpath.basename(words[0])
    if name in _WRAPPERS:
        rest = (
            words[words.index("--") + 1 :]
            if "--" in words
            else tuple(word for word in words[1:] if not word.startswith("-"))
        )
        return _heads(rest, depth + 1)
    if name in _SHELLS:
        return _of_shell(words, depth)
    if _INTERPRETER.match(name):
        return (_of_interpreter(words),)
    return ((words[0],),)


def _of_shell(words: tuple[str, ...], depth: int) -> tuple[tuple[str, ...], ...]:
    """Return the command in `sh -c TEXT` if it is plain; a script is a command itself."""
    for number, word in enumerate(words[1:], 1):
        if word.startswith("-") and word.rstrip("lexu").endswith("c") and number + 1 < len(words):
            try:
                inner = tuple(
                    shlex.split(
                        words[number + 1]
                        .replace("&&", "\n")
                        .replace(";", "\n")
                        .strip()
                        .rpartition("\n")[2]
                    )
                )
            except ValueError:
                return ()
            return (
                _heads(inner[:_WORDS], depth + 1)
                if not any(set(each) & set("|&<>`$(){}") for each in inner[:1])
                else ()
            )
        if not word.startswith("-"):
            return ((*words[: number + 1],),)
    return ()


def _of_interpreter(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the interpreter, its options and the program.

    For example `python -m app`, `java -jar app.jar`, `node server.js`.
    """
    number = 1
    while number < len(words):
        word = words[number]
        if word in {"-m", "-jar", "--module"} and number + 1 < len(words):
            return words[: number + 2]
        if word in {"-c", "-e", "--eval"}:
            return words[:1]
        if not word.startswith("-"):
            return words[: number + 1]
        number += 2 if word in _TAKES_VALUE else 1
    return words[:1]
