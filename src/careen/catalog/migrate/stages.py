"""The stages of a Dockerfile, by docker's own parser."""

import platform
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from careen.errors import ConfigError, InputError

MAX_FILE = 1 << 20
MAX_STAGES = 100
MAX_ARGUMENTS = 1000
MAX_VALUE = 4096
_EXPANSION = re.compile(
    r"\$(?:([A-Za-z_]\w{0,100})|\{([A-Za-z_]\w{0,100})(?::([-+])([^{}$]{0,200}))?\})"
)
_ALIAS_WORDS = 3  # IMAGE AS NAME


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word, its lines (from 1), its words, and whether they are a JSON list.

    `heredocs` are the texts of its here-documents. `inner` is the word of the instruction in an
    ONBUILD.
    """

    word: str
    first: int
    last: int
    values: tuple[str, ...]
    is_list: bool
    heredocs: tuple[str, ...] = ()
    inner: str = ""
    flags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its words as one line, here-documents included."""
        return " ".join((" ".join(self.values), *self.heredocs)).strip()


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its FROM, the image with its variables filled in, and its other instructions.

    `image` is "" if a variable has no value. `below` is the earlier stage that it begins with.
    """

    number: int
    begin: Instruction
    written: str
    image: str
    alias: str
    below: "Stage | None"
    steps: tuple[Instruction, ...] = field(default=())

    @property
    def name(self) -> str:
        """Its alias, else its number as `COPY --from` takes it."""
        return self.alias or str(self.number)


def read_stages(text: str, where: str, arguments: Mapping[str, str]) -> tuple[Stage, ...]:
    """Return the stages; `arguments` are values of --build-arg.

    Raises ConfigError for a file that docker would not parse.
    """
    known: dict[str, str] = {}
    stages: list[Stage] = []
    steps: list[Instruction] = []
    begin: Instruction | None = None
    for each in _instructions(text, where):
        if each.word == "FROM":
            if begin is not None:
                stages.append(_stage(begin, steps, stages, known, where))
            if len(stages) == MAX_STAGES:
                msg = f"{where}:{each.first}: more than {MAX_STAGES} stages"
                raise ConfigError(msg)
            begin, steps = each, []
        elif begin is None:
            _remember(each, known, arguments, where)
        else:
            steps.append(each)
    if begin is None:
        msg = f"{where}: no FROM; name a Dockerfile"
        raise ConfigError(msg)
    return (*stages, _stage(begin, steps, stages, known, where))


def _instructions(text: str, where: str) -> Iterator[Instruction]:
    try:
        import dockerfile  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        raise InputError(_no_parser()) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the package's own glue
            found: Sequence[Any] = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        msg = f"{where}: docker's parser refuses it: {str(error).strip()[:300]}"
        raise ConfigError(msg) from error
    for each in found:
        yield Instruction(
            each.cmd.upper(),
            each.start_line,
            each.end_line,
            tuple(each.value),
            bool(each.json),
            tuple(document.content for document in each.heredocs),
            (each.sub_cmd or "").upper(),
            tuple(each.flags),
        )


def _no_parser() -> str:
    wheel = platform.machine() in ("x86_64", "AMD64")  # what the project publishes wheels for
    needs = "is not installed" if wheel else "has no wheel for this processor"
    go = "" if wheel else " (needs Go)"
    return (
        "reading a Dockerfile needs the Python package `dockerfile`, docker's own parser, which"
        f" {needs}; install it with `pip install dockerfile`{go}"
    )


def _stage(
    begin: Instruction,
    steps: Sequence[Instruction],
    stages: Sequence[Stage],
    known: Mapping[str, str],
    where: str,
) -> Stage:
    if not begin.values:
        msg = f"{where}:{begin.first}: FROM names no image"
        raise ConfigError(msg)
    written = begin.values[0]
    alias = ""
    if len(begin.values) >= _ALIAS_WORDS and begin.values[1].upper() == "AS":
        alias = begin.values[2].lower()
    image = _filled(written, known, f"{where}:{begin.first}")
    below = next(
        (x for x in reversed(stages) if x.alias and x.alias == (image or "").lower()), None
    )
    return Stage(len(stages), begin, written, image or "", alias, below, tuple(steps))


def _remember(
    each: Instruction, known: dict[str, str], arguments: Mapping[str, str], where: str
) -> None:
    """Keep the values of an ARG before the first FROM."""
    if each.word != "ARG":
        return
    place = f"{where}:{each.first}"
    for text in each.values:
        name, _, default = text.partition("=")
        value = _filled(default.strip("\"'"), known, place) or ""
        known[name] = arguments.get(name, value)
    if len(known) > MAX_ARGUMENTS:
        msg = f"{place}: more than {MAX_ARGUMENTS} variables before FROM"
        raise ConfigError(msg)


def _filled(text: str, known: Mapping[str, str], place: str) -> str | None:
    """Return the text with its variables filled in, None if one has no value.

    Raises ConfigError with the place for one over 4 kB.
    """
    missing = False
    length = len(text)

    def value(found: re.Match[str]) -> str:
        nonlocal missing, length
        name, form, other = found[1] or found[2], found[3], found[4] or ""
        said = known.get(name, "")
        if form == "+":
            said = other if said else ""
        elif not said and form == "-":
            said = other
        else:
            missing = missing or not said
        length += len(said)
        # checked here: variables of variables double with each line
        if length > MAX_VALUE:
            raise ConfigError(too_long)
        return said

    too_long = f"{place}: a value with its variables filled in is over {MAX_VALUE} bytes"
    if length > MAX_VALUE:
        raise ConfigError(too_long)
    filled = _EXPANSION.sub(value, text)
    return None if missing or "$" in filled else filled
