"""What a Dockerfile says of its last stage, as far as it stands in the file itself.

What its base image adds is not in the file; the image that was built from it has both.
"""

import re
import shlex

from careen.errors import InputError
from careen.model.publish import MAX_PORT
from careen.workload.proposal.facts import Facts

LIMIT = 1 << 20
_MAX_FILLED = 1 << 12
_ESCAPE = re.compile(r"#\s*escape\s*=\s*([\\`])\s*\Z", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*[\"']?([A-Za-z_][A-Za-z0-9_]{0,99})[\"']?")
_VARIABLE = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}$]*))?\}|([A-Za-z_][A-Za-z0-9_]*))"
)


def read_dockerfile(text: str, origin: str) -> Facts:
    """Return the facts of a Dockerfile's last stage. Raises InputError without a FROM."""
    stages: dict[str, dict[str, list[str]]] = {}
    known: dict[str, str] = {}
    stage: dict[str, list[str]] | None = None
    for word, rest in _instructions(text):
        if word == "FROM":
            base, name = _from(rest)
            stage = {key: list(lines) for key, lines in stages.get(base.lower(), {}).items()}
            stages[name.lower() or f"\0{len(stages)}"] = stage
        elif word in ("ARG", "ENV"):
            pairs = _pairs(rest, known)
            known.update({name: value for name, value in pairs if value is not None})
            # An ARG is no variable of the container.
            if stage is not None and word == "ENV":
                stage.setdefault("UNSET", []).extend(name for name, value in pairs if not value)
        elif stage is not None and word in ("EXPOSE", "HEALTHCHECK", "USER", "VOLUME"):
            _add(stage, word, _filled(rest, known))
        elif stage is not None and word in ("CMD", "ENTRYPOINT"):
            stage[word] = [rest]
    if stage is None:
        msg = f"{origin}: has no FROM, so it is no Dockerfile"
        raise InputError(msg)
    return Facts(
        origin,
        _ports(stage.get("EXPOSE", ())),
        next(iter(stage.get("HEALTHCHECK", ())), ""),
        next(iter(stage.get("USER", ())), ""),
        tuple(dict.fromkeys(stage.get("VOLUME", ()))),
        asked=tuple(dict.fromkeys(stage.get("UNSET", ()))),
        command=" ".join((*stage.get("ENTRYPOINT", ()), *stage.get("CMD", ()))),
    )


def _instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions in order: the word in capitals, and the rest in one line."""
    lines = iter(text.splitlines())
    escape, pending, first = "\\", "", True
    out: list[tuple[str, str]] = []
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("#"):
            found = _ESCAPE.match(stripped) if first else None
            escape = found[1] if found else escape
            continue
        first = False
        if stripped.endswith(escape):
            pending += stripped[:-1] + " "
            continue
        whole, pending = (pending + stripped).strip(), ""
        word, _, rest = whole.partition(" ")
        if word.upper() in ("RUN", "COPY", "ADD"):
            for mark in _HEREDOC.findall(rest):
                next((body for body in lines if body.strip() == mark), None)
        if word:
            out.append((word.upper(), rest.strip()))
    return out


def _from(rest: str) -> tuple[str, str]:
    words = [word for word in rest.split() if not word.startswith("--")]
    named = len(words) == 3 and words[1].lower() == "as"  # noqa: PLR2004 — BASE as NAME
    return (words[0] if words else ""), (words[2] if named else "")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _pairs(rest: str, known: dict[str, str]) -> list[tuple[str, str | None]]:
    """Return the names of ARG or ENV with their values, None where there is none."""
    words = _words(_filled(rest, known))
    if words and "=" not in words[0] and len(words) > 1:  # ENV NAME VALUE
        return [(words[0], " ".join(words[1:]))]
    parts = (word.partition("=") for word in words)
    return [(name, value if equals else None) for name, equals, value in parts if name]


def _filled(text: str, known: dict[str, str]) -> str:
    """Return the text with the variables that the file itself gives a value.

    Past a length, variables are left out: a value may hold another one twice, and so on.
    """
    room = _MAX_FILLED

    def value(found: re.Match[str]) -> str:
        nonlocal room
        word = known.get(found[1] or found[3], found[2] or found[0])
        room -= len(word)
        return word if room >= 0 else ""

    return _VARIABLE.sub(value, text)


def _add(stage: dict[str, list[str]], word: str, rest: str) -> None:
    match word:
        case "EXPOSE":
            stage.setdefault(word, []).extend(rest.split())
        case "VOLUME":
            stage.setdefault(word, []).extend(re.findall(r"/[^\s\",\]]*", rest))
        case "HEALTHCHECK":
            stage[word] = [] if rest.upper() == "NONE" else [rest.partition("CMD")[2].strip()]
        case _:
            stage[word] = [rest]


def _ports(words: tuple[str, ...] | list[str]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for word in words:
        number, _, protocol = word.partition("/")
        first, _, last = number.partition("-")
        if protocol.lower() in ("", "tcp") and re.fullmatch(r"\d{1,5}", first, re.ASCII):
            end = int(last) if re.fullmatch(r"\d{1,5}", last, re.ASCII) else int(first)
            found.update(dict.fromkeys(range(int(first), min(end, int(first) + 63) + 1)))
    return tuple(port for port in found if 0 < port <= MAX_PORT)
