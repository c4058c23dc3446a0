"""Questions to a resolver and its answers; asking changes nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from packaging.utils import canonicalize_name
from packaging.version import Version

from careen.errors import ToolError
from careen.patch.certificates import TRUST, UNTRUSTED
from careen.patch.credentials import without_credentials
from careen.patch.python.environments import Environment
from careen.patch.python.requirements import version_of
from careen.patch.python.sources import Sources
from careen.patch.sandbox import SHORT, Sandbox

_SHOWN = 600
_IMPOSSIBLE = (
    "No solution found",
    "ResolutionImpossible",
    "No matching distribution",
    "conflicting dependencies",
    "No matching version",
)
_UNANSWERED = ("Failed to fetch", "error sending request", "Connection", "status code")
_FLAG = re.compile(
    r"(?<! ) *+hint: Consider enabling use of system TLS certificates with the [`'][a-z-]{1,30}[`']"
    r" command-line flag"
)
"""Hint at an option of uv that careen does not have."""
_OWN = re.compile(r"://(?:localhost|127\.|\[::1\])")


@dataclass(frozen=True, slots=True)
class Question:
    """Requirements to satisfy (`name==1.2`, `name>=1.2,<2`).

    There is one for each distribution that is installed or wanted.
    """

    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What would be installed: normalised name → version, without what stays."""

    changes: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """No such set exists; `words` are the resolver's, on one line."""

    words: str


class Resolver(Protocol):
    """A program that resolves requirements."""

    @property
    def name(self) -> str:
        """Name and version in messages."""

    def ask(self, question: Question, sandbox: Sandbox) -> Resolution | Refusal:
        """Resolve; raise ToolError, without credentials, if an index does not answer."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a resolver runs with.

    `variables` are its environment, `inside` its directory in the container, and
    `wheel_directories` the directories of wheels there.
    """

    environment: Environment
    sources: Sources
    variables: Mapping[str, str] = field(repr=False)
    inside: str
    wheel_directories: tuple[str, ...] = ()


def written(question: Question, sandbox: Sandbox) -> str:
    """Write the requirements into the sandbox; return the file's path in the container."""
    sandbox.directory("python")
    return sandbox.put(
        "python/wanted.txt", "".join(f"{line}\n" for line in question.requirements).encode()
    )


def run(
    argv: Sequence[str], sandbox: Sandbox, variables: Mapping[str, str], doing: str
) -> tuple[int, str]:
    """Run a resolver; return its status and output. Raises ToolError after the time limit."""
    done = sandbox.run(argv, doing=doing, timeout=SHORT * 2, env=variables, check=False)
    return (1 if done.status is None else done.status), done.output


def refused(output: str, doing: str) -> Refusal:
    """Return a failed resolver's refusal; raise ToolError if it could not find out."""
    words = without_credentials(" ".join(output.split()))
    words = _FLAG.sub("", words)
    if any(word in output for word in _IMPOSSIBLE) and not any(
        word in output for word in _UNANSWERED
    ):
        return Refusal(words[-_SHOWN:])
    advice = (
        "; a container of docker reaches an index on this machine with --host-network only"
        if _OWN.search(words)
        else ""
    )
    if any(word in words for word in UNTRUSTED):
        advice = f"; {TRUST}"
    msg = f"{doing}: {words[-_SHOWN:] or 'it printed nothing'}{advice}"
    raise ToolError(msg)


def resolution(rows: Sequence[tuple[str, str]], where: str) -> Resolution:
    """Convert rows of names and versions; raise ToolError for an invalid one."""
    out: dict[str, Version] = {}
    for name, said in rows:
        version = version_of(said)
        if version is None or not name:
            msg = f"{where}: no version of a package in its answer: {name[:80]!r} {said[:80]!r}"
            raise ToolError(msg)
        out[canonicalize_name(name)] = version
    return Resolution(out)
