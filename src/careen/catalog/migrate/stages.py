"""The stages of a Dockerfile, by docker's own parser."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from careen.errors import ConfigError, InputError

MAX_FILE = 1 << 20
MAX_STAGES = 100
_EXPANSION = re.compile(
    r"\$(?:([A-Za-z_]\w{0,100})|\{([A-Za-z_]\w{0,100})(?::([-+])([^{}$]{0,200}))?\})"
)
_ALIAS_WORDS = 3  # IMAGE AS NAME


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word, its lines (from 1), its words, and whether they are a JSON list.

    `heredocs` are the texts of its here-documents.
    """

    word: str
    first: int
    last: int
    values: tuple[str, ...]
    is_list: bool
    heredocs: tuple[str, ...] = ()

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
    for each in _instructions(text, where):
        if each.word == "FROM":
            if len(stages) == MAX_STAGES:
                msg = f"{where}:{each.first}: more than {MAX_STAGES} stages"
                raise ConfigError(msg)
            stages.append(_begun(each, stages, known, where))
        elif not stages:
            for name, value in _arguments(each):
                known[name] = arguments.get(name, _filled(value, known) or "")
        else:
            last = stages.pop()
            stages.append(
                Stage(
                    last.number,
                    last.begin,
                    last.written,
                    last.image,
                    last.alias,
                    last.below,
                    (*last.steps, each),
                )
            )
    if not stages:
        msg = f"{where}: no FROM; name a Dockerfile"
        raise ConfigError(msg)
    return tuple(stages)


def _instructions(text: str, where: str) -> Iterator[Instruction]:
    try:
        import dockerfile  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        msg = (
            "reading a Dockerfile needs the Python package `dockerfile`, docker's own parser, which"
            " has no wheel for this processor; install it with `pip install dockerfile` (needs Go)"
        )
        raise InputError(msg) from error
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
        )


def _begun(
    begin: Instruction, stages: Sequence[Stage], known: Mapping[str, str], where: str
) -> Stage:
    if not begin.values:
        msg = f"{where}:{begin.first}: FROM names no image"
        raise ConfigError(msg)
    written = begin.values[0]
    alias = ""
    if len(begin.values) >= _ALIAS_WORDS and begin.values[1].upper() == "AS":
        alias = begin.values[2].lower()
    image = _filled(written, known)
    below = next(
        (x for x in reversed(stages) if x.alias and x.alias == (image or "").lower()), None
    )
    return Stage(len(stages), begin, written, image or "", alias, below)


def _arguments(each: Instruction) -> Iterator[tuple[str, str]]:
    if each.word == "ARG":
        for value in each.values:
            name, _, default = value.partition("=")
            yield name, default.strip("\"'")


def _filled(text: str, known: Mapping[str, str]) -> str | None:
    """Return the text with its variables filled in, None if one has no value."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, form, other = found[1] or found[2], found[3], found[4] or ""
        said = known.get(name, "")
        if form == "+":
            return other if said else ""
        if not said and form == "-":
            return other
        missing = missing or not said
        return said

    filled = _EXPANSION.sub(value, text)
    return None if missing or "$" in filled else filled
