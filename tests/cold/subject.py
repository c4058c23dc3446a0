"""What `case.toml` says: a service, how it is profiled, and its cold cases."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from careen.errors import InputError

READY_SECONDS = 300.0
ACTIONS = ("request", "exec", "run", "host")


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer must be: exit status (HTTP status of a request), texts that are in it, texts
    that are not; `same` as the original's, byte for byte.
    """

    status: int
    contains: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    same: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One cold path. `action` is a request, or words: `exec` in the service's container, `run` in
    one of its own, `host` a shell command on this machine with CONTAINER, IMAGE, BASE_URL and
    PYTHON (for a batch job IMAGE and PYTHON alone). With `options` (of docker run; `$FOLDER` in one
    is the subject's folder) or `own` the service is started anew for it. `stdin` names a file,
    relative to the subject's folder.
    """

    name: str
    exercises: str
    action: str
    words: tuple[str, ...] = ()
    request: "Request | None" = None
    stdin: str = ""
    options: tuple[str, ...] = ()
    own: bool = False
    timeout: float = 120.0
    expected: Expected = Expected(0)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Subject:
    """One service. `image` is the name of an image that is there ("" to build `folder`). `ready` as
    in `careen harden --ready`: `/path`, `tcp:PORT`, `log:REGEX` or `exit` for a batch job, which
    has no service to ask; `port` may be left out where nothing asks over the network. `options`
    (such as both docker run and careen harden take) and `args` start it. `profile` is a shell
    command, run in `profile_folder`, with what `careen harden --test` sets and PYTHON.
    """

    name: str
    folder: Path
    image: str
    port: int
    ready: str
    profile: str
    profile_folder: Path
    options: tuple[str, ...]
    args: tuple[str, ...]
    cases: tuple[Case, ...]
    ready_seconds: float = READY_SECONDS

    def with_patience(self, factor: float) -> "Subject":
        """Return the subject with the time limits of its cases and of its start multiplied."""
        patient = (replace(case, timeout=case.timeout * factor) for case in self.cases)
        return replace(self, cases=tuple(patient), ready_seconds=self.ready_seconds * factor)


def read_subject(folder: Path, root: Path) -> Subject:
    """Read `folder/case.toml`; `profile_folder` in it is relative to `root`. Raises InputError with
    the place.
    """
    place = folder / "case.toml"
    try:
        table = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{place}: not readable: {error}"
        raise InputError(msg) from error
    known = {"image", "port", "ready", "profile", "profile_folder", "options", "args", "case"}
    _refuse_unknown(table, known, str(place))
    cases = tuple(
        _case(item, f"{place}: case[{number}]", folder)
        for number, item in enumerate(table.get("case", ()))
    )
    names = [case.name for case in cases]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        msg = f"{place}: two cases have one name: {twice[0]!r}"
        raise InputError(msg)
    return Subject(
        folder.name,
        folder,
        table.get("image", ""),
        table.get("port", 0),
        table.get("ready", "exit"),
        table.get("profile", ""),
        root / table["profile_folder"] if "profile_folder" in table else folder,
        tuple(table.get("options", ())),
        tuple(table.get("args", ())),
        cases,
    )


def _case(table: Mapping[str, Any], place: str, folder: Path) -> Case:
    _refuse_unknown(
        table,
        {
            "name",
            "exercises",
            *ACTIONS,
            "stdin",
            "options",
            "own",
            "timeout",
            "status",
            "contains",
            "absent",
            "same",
        },
        place,
    )
    chosen = [action for action in ACTIONS if action in table]
    if len(chosen) != 1 or not table.get("name") or not table.get("exercises"):
        msg = (
            f"{place}: expected 'name', 'exercises' and one of {', '.join(ACTIONS)}, got"
            f" {sorted(table)!r}"
        )
        raise InputError(msg)
    action = chosen[0]
    request = _request(table["request"], place) if action == "request" else None
    words = () if request else ((table[action],) if action == "host" else tuple(table[action]))
    expected = Expected(
        table.get("status", 200 if request else 0),
        _texts(table, "contains"),
        _texts(table, "absent"),
        bool(table.get("same")),
    )
    options = tuple(option.replace("$FOLDER", str(folder)) for option in table.get("options", ()))
    own = bool(table.get("own")) or bool(options)
    return Case(
        table["name"],
        table["exercises"],
        action,
        words,
        request,
        table.get("stdin", ""),
        options,
        own,
        table.get("timeout", 120.0),
        expected,
    )


def _request(table: Mapping[str, Any], place: str) -> Request:
    _refuse_unknown(table, {"method", "path", "headers", "body"}, place)
    return Request(
        table.get("method", "GET"),
        table["path"],
        table.get("headers", {}),
        table.get("body", "").encode(),
    )


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    return (value,) if isinstance(value, str) else tuple(value)


def _refuse_unknown(table: Mapping[str, Any], known: set[str], place: str) -> None:
    if unknown := sorted(table.keys() - known):
        msg = f"{place}: unknown key {unknown[0]!r}: expected some of {', '.join(sorted(known))}"
        raise InputError(msg)
