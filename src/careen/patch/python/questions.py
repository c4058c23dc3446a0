"""A question to a resolver and what it answers: which versions go together, asked without changing
anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from packaging.utils import canonicalize_name
from packaging.version import Version

from careen.errors import ToolError
from careen.patch.bench import SHORT, Bench
from careen.patch.certificates import TRUST, UNTRUSTED
from careen.patch.credentials import without_credentials
from careen.patch.python.environments import Environment
from careen.patch.python.requirements import version_of
from careen.patch.python.sources import Sources

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
"""An option of uv's, which careen does not have."""
_OWN = re.compile(r"://(?:localhost|127\.|\[::1\])")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to hold: requirements (`name==1.2`, `name>=1.2,<2`), one for each distribution that
    is there or wanted.
    """

    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What would be installed: normalised name → version; what is there and stays is not in it."""

    changes: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """There is no such set; the resolver's own words, on one line."""

    words: str


class Resolver(Protocol):
    """One of the programs."""

    @property
    def name(self) -> str:
        """With its version, for people."""

    def ask(self, question: Question, bench: Bench) -> Resolution | Refusal:
        """Resolve. Raises ToolError for an index that does not answer, with no credentials in
        it.
        """


@dataclass(frozen=True, slots=True)
class Setting:
    """What a resolver is asked in: `variables` are the environment of its command, `inside` its
    directory in the container, `houses` directories of wheels there.
    """

    environment: Environment
    sources: Sources
    variables: Mapping[str, str] = field(repr=False)
    inside: str
    houses: tuple[str, ...] = ()


def written(question: Question, bench: Bench) -> str:
    """Write the requirements into the bench, and return the file's path in the container."""
    bench.directory("python")
    return bench.put(
        "python/wanted.txt", "".join(f"{line}\n" for line in question.requirements).encode()
    )


def run(
    argv: Sequence[str], bench: Bench, variables: Mapping[str, str], doing: str
) -> tuple[int, str]:
    """Run a resolver; return its status and what it printed. Raises ToolError for a time limit that
    passed.
    """
    done = bench.run(argv, doing=doing, timeout=SHORT * 2, env=variables, check=False)
    return (1 if done.status is None else done.status), done.output


def refused(output: str, doing: str) -> Refusal:
    """Read what a resolver printed that did not end well: there is no such set, or, as ToolError,
    it could not find out.
    """
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
    """Read rows of names and versions. Raises ToolError for what is none."""
    out: dict[str, Version] = {}
    for name, said in rows:
        version = version_of(said)
        if version is None or not name:
            msg = f"{where}: no version of a package in its answer: {name[:80]!r} {said[:80]!r}"
            raise ToolError(msg)
        out[canonicalize_name(name)] = version
    return Resolution(out)
