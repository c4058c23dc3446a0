"""Commands that a shell script starts, found by position.

A word in command position names a program; an argument does not.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

MAX_PARSED = 1 << 20
_MAX_DEPTH = 100
_MAX_STRINGS = 4  # a line of shell inside a line of shell inside …
_MAX_RUNNERS = 20  # env in sudo in timeout …
_MAX_DOCUMENTS = 1000
_MAX_READ_AGAIN = 1000  # places where (( opens two subshells, not arithmetic
_READ_AGAIN = 10_000  # characters until that shows
_SPECIAL = re.compile(r"[\\'\"`$#;&|()<>\s]")
_IN_QUOTES = re.compile(r"[\\\"`$]")
_IN_BRACES = re.compile(r"[\\'\"`$}]")
_IN_ARITHMETIC = re.compile(r"[()`]|\$\(+")
_NAME = re.compile(r"[A-Za-z_]\w{0,100}\Z")
_VARIABLE = re.compile(r"[A-Za-z_]\w*+|[\d@*#?$!-]")
_ASSIGNED = re.compile(r"[A-Za-z_]\w{0,100}(?:\[[^\]]{0,100}\])?\+?=")
_DEFAULT = re.compile(r"[^:=?+-]{0,100}:?[=+-]")
_DOCUMENT = re.compile(
    r"<<(-?)[ \t]*(?:'([^'\n]{1,100})'|\"([^\"\n]{1,100})\"|\\?([\w.+!-]{1,100}))"
)
_WORD = re.compile(r"[\w./+-]+")
_NUMBER = re.compile(r"[\d.]+[smhd]?\Z")
_LONG_OPTION = re.compile(r"--?[\w-]{1,60}=")

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_KEYWORDS = frozenset(
    {
        "then",
        "do",
        "else",
        "elif",
        "if",
        "while",
        "until",
        "!",
        "{",
        "}",
        "time",
        "coproc",
        "fi",
        "done",
    }
)
_RUNNERS_TEXT = (
    "env exec command builtin nohup nice ionice chrt taskset timeout sudo doas su-exec gosu "
    "setpriv runuser su chroot chpst setuidgid envuidgid softlimit s6-setuidgid s6-envdir "
    "with-contenv xargs parallel watch stdbuf unbuffer strace ltrace setsid tini dumb-init "
    "catatonit flock start-stop-daemon systemd-run unshare nsenter numactl prlimit setarch "
    "linux32 linux64 faketime fakeroot eatmydata xvfb-run dbus-run-session dbus-launch "
    "torsocks proxychains cpulimit bwrap firejail authbind chronic ifne entr rlwrap npx bunx "
    "trap eval busybox set"
)
_RUNNERS = frozenset(_RUNNERS_TEXT.split())
_SPEAKING_TEXT = (
    "echo printf getent test [ [[ : true false cd pushd popd read return exit break continue "
    "shift unset umask ulimit wait kill sleep date let getopts id groups whoami hostname "
    "uname ls cat cp mv rm mkdir rmdir mktemp touch chown chmod chgrp install ln readlink "
    "realpath dirname basename stat df du grep egrep fgrep sed cut tr sort uniq head tail wc "
    "tee paste expand fold seq expr diff cmp md5sum sha256sum useradd usermod userdel "
    "groupadd groupmod groupdel adduser addgroup passwd chpasswd apt apt-get apk dpkg yum dnf "
    "microdnf rpm pip pip3 git curl wget service systemctl ps pgrep pkill logger . source"
)
_SPEAKING = frozenset(_SPEAKING_TEXT.split())
"""Commands whose arguments are data: texts, names, files.

Any other (functions, wrappers) can start its arguments.
"""
_STARTS_FROM_FIND = frozenset({"-exec", "-execdir", "-ok", "-okdir"})


@dataclass(frozen=True, slots=True)
class ShellCommands:
    """The commands that a script starts or may start.

    `started`: words in command position. `named`: words that may get there: values of variables,
    items of loops and patterns, arguments of what may run them.
    """

    started: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Word:
    text: str
    computed: bool = False
    quoted: bool = False


@dataclass(slots=True)
class _Frame:
    kind: str = ""
    parts: list[str] = field(default_factory=list)
    began: bool = False
    computed: bool = False
    quoted: bool = False
    in_quotes: bool = False
    words: list[_Word] = field(default_factory=list)
    waiting: list[list[_Word]] = field(default_factory=list)
    target: bool = False
    cases: int = 0
    pattern: bool = False
    open: int = 0
    opened: int = 0
    literal: bool = False


def shell_commands(script: str, known: Container[str], depth: int = 0) -> ShellCommands:
    """Return what a script starts and names.

    `known` are the commands on PATH, which distinguish a list of commands from a sentence. Only the
    first 1,048,576 characters are read.
    """
    parser = _Parser(script[:MAX_PARSED], known, depth)
    parser.parse()
    return ShellCommands(frozenset(parser.started), frozenset(parser.named) - parser.started)


class _Parser:
    """Single-pass parser with a stack of open substitutions, subshells and arrays."""

    def __init__(self, text: str, known: Container[str], depth: int) -> None:
        self._text = text
        self._known = known
        self._depth = depth
        self._at = 0
        self._stack = [_Frame()]
        self._documents: list[tuple[str, bool, bool]] = []
        self._documents_left = _MAX_DOCUMENTS
        self._may_read_again = _MAX_READ_AGAIN
        self._apostrophes = True
        self.started: set[str] = set()
        self.named: set[str] = set()

    def parse(self) -> None:
        """Read the whole text."""
        while self._at < len(self._text):
            frame = self._stack[-1]
            specials = (
                _IN_ARITHMETIC
                if frame.kind == "(("
                else _IN_QUOTES
                if frame.in_quotes
                else _IN_BRACES
                if frame.kind == "${"
                else _SPECIAL
            )
            match = specials.search(self._text, self._at)
            end = match.start() if match is not None else len(self._text)
            if end > self._at:
                frame.parts.append(self._text[self._at : end])
                frame.began = True
            self._at = end
            if match is not None:
                self._special(frame, match.group())
        while len(self._stack) > 1:
            self._close()
        self._end_line(self._stack[-1])

    def _special(self, frame: _Frame, char: str) -> None:
        self._at += len(char)
        if frame.kind == "((":
            self._arithmetic(frame, char)
        elif char == "\\":
            self._escaped(frame)
        elif char == "$":
            self._dollar(frame)
        elif char == "`":
            self._backtick(frame)
        elif char == '"':
            frame.in_quotes = not frame.in_quotes
            self._quote(frame)
        elif char == "'":
            self._apostrophe(frame)
        elif frame.kind == "${":
            self._close()
        elif char == "#":
            self._hash(frame)
        elif char in "<>":
            self._redirect(frame, char)
        elif char == "(":
            self._open(frame)
        elif char == ")":
            self._closing(frame)
        elif char in ";&|\n":
            self._separator(frame, char)
        else:
            self._end_word(frame)

    def _arithmetic(self, frame: _Frame, char: str) -> None:
        if char in ("$(", "`"):
            self._push("$(" if char == "$(" else char)
            return
        frame.open += -1 if char == ")" else char.count("(")
        if frame.open <= 0:
            self._stack.pop()
        elif char == ")" and frame.open == 1 and not self._text.startswith(")", self._at):
            # Arithmetic ends with two parentheses in a row.
            self._read_again(frame)

    def _read_again(self, frame: _Frame) -> None:
        """Read `((` again as a subshell that begins with another one: `((a; b) | c)`."""
        if self._at - frame.opened > _READ_AGAIN or not self._may_read_again:
            return
        self._may_read_again -= 1
        self._at = frame.opened
        self._stack[-1] = _Frame("$(" if frame.computed else "(")

    def _escaped(self, frame: _Frame) -> None:
        char = self._text[self._at : self._at + 1]
        self._at += 1
        if char != "\n":
            frame.parts.append(char)
            frame.began = True

    def _dollar(self, frame: _Frame) -> None:
        frame.began = frame.computed = True
        if self._text.startswith("((", self._at):
            self._at += 2
            self._push_arithmetic(computed=True)
        elif self._text.startswith("(", self._at):
            self._at += 1
            self._push("$(")
        elif self._text.startswith("{", self._at):
            self._at += 1
            depth = len(self._stack)
            self._push("${")
            if len(self._stack) > depth:
                # within double quotes, an apostrophe is a character
                self._stack[-1].literal = frame.in_quotes
        elif (name := _VARIABLE.match(self._text, self._at)) is not None:
            self._at = name.end()
        elif self._text.startswith("'", self._at) and not frame.in_quotes:
            frame.computed = False

    def _backtick(self, frame: _Frame) -> None:
        if frame.kind == "`":
            self._close()
        else:
            frame.began = frame.computed = True
            self._push("`")

    def _apostrophe(self, frame: _Frame) -> None:
        if frame.literal:
            frame.parts.append("'")
            frame.began = True
            return
        end = self._text.find("'", self._at) if self._apostrophes else -1
        self._apostrophes = end >= 0
        self._quote(frame)
        if end >= 0:
            frame.parts.append(self._text[self._at : end])
            self._at = end + 1

    def _quote(self, frame: _Frame) -> None:
        frame.quoted = frame.quoted or not frame.began
        frame.began = True

    def _hash(self, frame: _Frame) -> None:
        if frame.began:
            frame.parts.append("#")
            return
        end = self._text.find("\n", self._at)
        self._at = end if end >= 0 else len(self._text)

    def _redirect(self, frame: _Frame, char: str) -> None:
        if "".join(frame.parts).isdigit():
            frame.parts, frame.began = [], False
        self._end_word(frame)
        if (
            char == "<"
            and (document := _DOCUMENT.match(self._text, self._at - 1)) is not None
            and self._documents_left
        ):
            head = next((word.text for word in frame.words if not _ASSIGNED.match(word.text)), "")
            delimiter = document.group(2) or document.group(3) or document.group(4)
            self._documents.append(
                (delimiter, bool(document.group(1)), head.rpartition("/")[2] in _SHELLS)
            )
            self._documents_left -= 1
            self._at = document.end()
        elif self._text.startswith("(", self._at):
            self._at += 1
            self._push("$(")
        else:
            while self._text.startswith(("<", ">", "&", "|"), self._at):
                self._at += 1
            frame.target = True

    def _open(self, frame: _Frame) -> None:
        if not frame.began and self._text.startswith("(", self._at) and not frame.words:
            self._at += 1
            self._push_arithmetic(computed=False)
        elif not frame.began and frame.words and self._ends_at_once():
            self._begin_function(frame)
        elif not frame.began:
            self._push("(")
        elif frame.parts and frame.parts[-1].endswith("="):
            self._push("=(")
        else:
            frame.parts.append("(")
            if self._ends_at_once():
                self._begin_function(frame)

    def _ends_at_once(self) -> bool:
        return self._text[self._at : self._at + 20].lstrip(" \t").startswith(")")

    def _begin_function(self, frame: _Frame) -> None:
        self._at = self._text.index(")", self._at) + 1
        frame.parts, frame.began, frame.words = [], False, []

    def _closing(self, frame: _Frame) -> None:
        if frame.pattern or frame.kind not in ("(", "$(", "=("):
            self._end_word(frame)
            for words in (*frame.waiting, frame.words):
                self.named.update(word.text for word in words if not word.computed)
            frame.waiting, frame.words, frame.pattern = [], [], False
        else:
            self._close()

    def _separator(self, frame: _Frame, char: str) -> None:
        if char == "&" and self._text.startswith(">", self._at):
            self._end_word(frame)
            return
        self._end_word(frame)
        if char == "|" and not self._text.startswith("|", self._at):
            frame.waiting.append(frame.words)
            frame.words = []
            return
        if self._text.startswith(char, self._at) and char in "|&;":
            self._at += 1
        self._end_line(frame)
        if char == ";" and self._text.startswith(";", self._at - 1):
            frame.pattern = frame.cases > 0
        if char == "\n" and self._documents:
            self._read_documents()

    def _push(self, kind: str) -> None:
        if len(self._stack) < _MAX_DEPTH:
            self._stack.append(_Frame(kind))

    def _push_arithmetic(self, *, computed: bool) -> None:
        if len(self._stack) < _MAX_DEPTH:
            self._stack.append(_Frame("((", computed=computed, open=2, opened=self._at - 1))

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.kind == "${":
            value = "".join(frame.parts)
            if (default := _DEFAULT.match(value)) is not None:
                self._string(value[default.end() :])
        elif frame.kind == "=(":
            self._end_word(frame)
            self._name_all(frame.words)
        elif frame.kind != "((":
            self._end_line(frame)

    def _end_word(self, frame: _Frame) -> None:
        if not frame.began:
            return
        word = _Word("".join(frame.parts), frame.computed, frame.quoted)
        frame.parts, frame.began, frame.computed, frame.quoted = [], False, False, False
        if frame.target:
            frame.target = False
            return
        words = frame.words
        words.append(word)
        # case WORD in
        if word.text == "in" and len(words) >= 3 and words[-3].text == "case":  # noqa: PLR2004
            frame.cases += 1
            frame.pattern = True
            words.clear()
        elif word.text == "esac" and len(words) == 1:
            frame.cases = max(0, frame.cases - 1)
            frame.pattern = False
            words.clear()

    def _end_line(self, frame: _Frame) -> None:
        self._end_word(frame)
        frame.target = False
        lines = [*frame.waiting, frame.words]
        frame.waiting, frame.words = [], []
        for words in lines:
            self._simple(words)

    def _read_documents(self) -> None:
        documents, self._documents = self._documents, []
        for delimiter, indented, is_script in documents:
            lines: list[str] = []
            while self._at < len(self._text):
                end = self._text.find("\n", self._at)
                end = end if end >= 0 else len(self._text)
                line = self._text[self._at : end]
                self._at = end + 1
                if (line.lstrip("\t") if indented else line).rstrip("\r") == delimiter:
                    break
                lines.append(line)
            body = "\n".join(lines)
            if is_script:
                self._script(body)
            else:
                self.named.update(_WORD.findall(body))

    def _simple(self, words: Sequence[_Word]) -> None:
        """Read one simple command."""
        for number, word in enumerate(words):
            if word.quoted or (word.computed and not _ASSIGNED.match(word.text)):
                self._command(words[number:])
                return
            if word.text in ("for", "select"):
                self._name_all(words[number + 3 :])
                return
            if word.text in ("case", "function"):
                return
            if word.text in _KEYWORDS:
                continue
            if (assigned := _ASSIGNED.match(word.text)) is None:
                self._command(words[number:])
                return
            if not word.computed or assigned.end() < len(word.text):
                self._string(word.text[assigned.end() :])

    def _command(self, words: Sequence[_Word], left: int = _MAX_RUNNERS) -> None:
        head, rest = words[0], words[1:]
        if head.computed:
            self._name_all(rest)
            return
        self.started.add(head.text)
        base = head.text.rpartition("/")[2]
        if base in _SHELLS:
            self._of_shell(rest)
        elif base == "find":
            for number, word in enumerate(rest):
                if word.text in _STARTS_FROM_FIND and number + 1 < len(rest):
                    self._command(rest[number + 1 : number + 2])
        elif base == "command" and rest and rest[0].text in ("-v", "-V"):
            self._name_all(rest)
        elif base in _RUNNERS and left:
            self._run(rest, left - 1)
        elif base not in _SPEAKING:
            self._name_all(rest)

    def _of_shell(self, words: Sequence[_Word]) -> None:
        is_line = False
        for word in words:
            if is_line:
                self._script(word.text)
                is_line = False
            elif word.text.startswith("-") and "c" in word.text and not word.text.startswith("--"):
                is_line = True
            else:
                self._name_all([word])

    def _run(self, words: Sequence[_Word], left: int) -> None:
        """Read the arguments of a command that starts another one.

        The first word that can be a command is it. After an option it may be a value, so the next
        word may be the command too.
        """
        for number, word in enumerate(words):
            if (
                word.computed
                or not word.text
                or word.text.startswith(("-", "+"))
                or _NUMBER.match(word.text)
                or _ASSIGNED.match(word.text)
            ):
                if any(char.isspace() for char in word.text) or _ASSIGNED.match(word.text):
                    self._name_all([word])
                continue
            if any(char.isspace() for char in word.text):
                self._script(word.text)
                continue
            if word.text not in self._known and "/" not in word.text:
                continue
            if (
                number
                and words[number - 1].text.startswith("-")
                and len(words) > number + 1
                and words[number - 1].text != "--"
            ):
                self.started.add(word.text)
                continue
            self._command(words[number:], left)
            return

    def _name_all(self, words: Sequence[_Word]) -> None:
        for word in words:
            text = word.text
            if (option := _LONG_OPTION.match(text) or _ASSIGNED.match(text)) is not None:
                text = text[option.end() :]
            if any(char.isspace() for char in text):
                self._string(text)
            elif text and (not word.computed or text.startswith("/")):
                self.named.add(text)

    def _script(self, text: str) -> None:
        """Read a line of shell that is passed to a shell."""
        if self._depth < _MAX_STRINGS:
            found = shell_commands(text, self._known, self._depth + 1)
            self.started |= found.started
            self.named |= found.named

    def _string(self, text: str) -> None:
        """Read a value.

        All known commands count if they are at least half of its words. If it begins with a
        command, what that would start counts.
        """
        words = _WORD.findall(text)
        known = [word for word in words if word in self._known or word.startswith("/")]
        if 2 * len(known) >= len(words):
            self.named.update(known)
        elif known and known[0] == words[0] and self._depth < _MAX_STRINGS:
            found = shell_commands(text, self._known, self._depth + 1)
            self.named |= found.started | found.named
