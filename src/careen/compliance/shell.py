"""Reader of shell scripts in histories: the simple commands that they run."""

from collections.abc import Iterator
from dataclasses import dataclass, field

_ENDS = frozenset(";&|\n(){}`")
_BLANKS = frozenset(" \t\r")
# Words before a command that are not the command.
_KEYWORDS = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "RUN"})
_OF_WRAPPERS = frozenset("-0123456789")  # what options and durations begin with
_WRAPPERS = frozenset(
    {"sudo", "env", "exec", "command", "time", "nice", "nohup", "xargs", "timeout"}
)
_TAKING = frozenset({"-u", "-g", "-n", "-I", "-P", "-L"})  # options of wrappers with a value
_PLAIN = 100  # words among which the name of an outer command is looked for
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command: its words without quotes.

    `piped` is whether its input is the output of the command before; `within` is the name of the
    command that it is substituted into, or "".
    """

    words: tuple[str, ...]
    piped: bool = False
    within: str = ""

    @property
    def name(self) -> str:
        """The program's name without its folder; assignments and wrappers are skipped."""
        return self._split()[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words after the program."""
        return self._split()[1]

    def _split(self) -> tuple[str, tuple[str, ...]]:
        wrapped = False
        for at, word in enumerate(self.words):
            if word in _KEYWORDS or _assigns(word):
                continue
            if wrapped and (word[:1] in _OF_WRAPPERS or self.words[at - 1] in _TAKING):
                continue
            if word in _WRAPPERS:
                wrapped = True
                continue
            return word.rpartition("/")[2], self.words[at + 1 :]
        return "", ()


def _assigns(word: str) -> bool:
    name, is_set, _ = word.partition("=")
    return bool(is_set) and name.isidentifier()


def commands_of(script: str) -> tuple[Command, ...]:
    """Return the commands of a script in its order, those in substitutions and `sh -c` included."""
    found = list(_Reader(script).run())
    for each in tuple(found):
        if each.name in SHELLS or each.name in {"eval", "su"}:
            inner = (word for word in each.arguments if " " in word and word != script)
            found += (one for word in inner for one in _Reader(word).run())
    return tuple(found)


@dataclass(slots=True)
class _Reader:
    """A pass over a script, character by character; it takes what it cannot close as closed."""

    script: str
    words: list[str] = field(default_factory=list)
    word: list[str] = field(default_factory=list)
    is_word: bool = False
    quote: str = ""
    piped: bool = False
    # For each open substitution: the quote around it, and the words before it.
    open: list[tuple[str, list[str]]] = field(default_factory=list)

    def run(self) -> Iterator[Command]:
        at, end = 0, len(self.script)
        while at < end:
            char = self.script[at]
            if char == "\\" and self.quote != "'":
                self._add(self.script[at + 1 : at + 2].replace("\n", ""))
                at += 2
                continue
            if self.quote and char != "(":
                self._quoted(char)
            elif self.quote:
                self._parenthesis(at)
            elif char in "'\"":
                self.quote, self.is_word = char, True
            elif char in _BLANKS:
                self._end_word()
            elif char == "#" and not self.is_word:
                at = self._end_of_line(at)
                continue
            elif char in _ENDS:
                yield from self._operator(at, char)
            else:
                self._add(char)
            at += 1
        yield from self._end_command()

    def _add(self, text: str) -> None:
        if text:
            self.word.append(text)
            self.is_word = True

    def _quoted(self, char: str) -> None:
        if char == self.quote:
            self.quote = ""
        else:
            self.word.append(char)

    def _parenthesis(self, at: int) -> None:
        if self.quote == '"' and self.script[at - 1 : at] == "$":
            self._substitution()
        else:
            self.word.append("(")

    def _substitution(self) -> None:
        self._end_word()
        self.open.append((self.quote, self.words))
        self.words, self.quote = [], ""

    def _operator(self, at: int, char: str) -> Iterator[Command]:
        if char in "{}" and (self.is_word or self.script[at + 1 : at + 2] not in {"", " ", "\n"}):
            self._add(char)  # of a variable or of a list of words
            return
        before, after = self.script[at - 1 : at], self.script[at + 1 : at + 2]
        if char == "&" and ">" in {before, after}:
            self._add(char)  # of a redirection
            return
        if char == "(" and before == "$":
            self._substitution()
            return
        yield from self._end_command()
        if char == "(":
            self.open.append(("", []))
        elif char == ")" and self.open:
            self.quote, self.words = self.open.pop()
        elif char == "|":
            self.piped = "|" not in {before, after}

    def _end_word(self) -> None:
        if self.is_word:
            self.words.append("".join(self.word))
        self.word, self.is_word = [], False

    def _end_command(self) -> Iterator[Command]:
        self._end_word()
        if self.words:
            within = Command(tuple(self.open[-1][1][:_PLAIN])).name if self.open else ""
            yield Command(tuple(self.words), self.piped, within)
            self.piped = False
        self.words = []

    def _end_of_line(self, at: int) -> int:
        end = self.script.find("\n", at)
        return len(self.script) if end < 0 else end
