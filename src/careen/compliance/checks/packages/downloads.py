"""Whether the build verified what it fetched, as the history says."""

import re
from collections.abc import Sequence

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.checks.configuration.steps import (
    NO_HISTORY,
    NOT_RUN,
    lines,
    made,
    run_by,
    unless_cut,
)
from careen.compliance.secrets.hide import shortened
from careen.compliance.shell import SHELLS, Command
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_SHOWN = 200  # characters of a step that are evidence
_FLAGS = re.compile(
    r"--allow-unauthenticated\b|--allow-untrusted\b|--no-?gpg-?checks?\b|--force-yes\b"
    r"|--trusted-host\b|--allow-insecure-repositories\b|trusted=(?:yes|true|with|on|enable|1)\b"
    r"|--no-check-certificate\b|--no-?signature\b|--force-bad-verify\b"
    r"|(?:allowunauthenticated|allow(?:downgradeto)?insecurerepositories|allowweakrepositories)"
    r"[=\s\"']{1,4}(?:yes|true|with|on|enable|1)\b"
    r"|verify-(?:peer|host)[=\s\"']{1,4}(?:no|false|without|off|disable|0)\b",
    re.IGNORECASE,
)
_FETCHERS = frozenset({"curl", "wget"})
_CURL_TAKES = frozenset("AbcCdDeEFHKmoPQrtTuUwxXyYz")  # its short options that take a value
_ADD = re.compile(NOT_RUN + r"ADD\s")
_INTERPRETERS = SHELLS | {"python", "python3", "perl", "ruby", "node"}
_SHORT_C = re.compile(r"-[a-z]{0,9}c[a-z]{0,9}\Z")
_TESTS = frozenset({"[", "[[", "test"})


def _flags(subject: Subject) -> Decision:
    steps = tuple(lines(subject))
    if not steps:
        return not_evaluable(NO_HISTORY)
    found = (
        Evidence(place, shortened(text, _SHOWN))
        for place, text in made(subject)
        if _FLAGS.search(text) or any(map(_is_insecure, run_by(text)))
    )
    decision = none_of(
        found,
        "{} steps install without checking signatures or certificates",
        f"none of {len(steps)} steps turns signatures or certificates off",
    )
    return unless_cut(decision, subject)


def _is_insecure(command: Command) -> bool:
    """Return whether it is a curl that accepts any certificate."""
    return command.name == "curl" and any(
        word == "--insecure" or _has_short_k(word) for word in command.arguments
    )


def _has_short_k(word: str) -> bool:
    if not word.startswith("-") or word.startswith("--"):
        return False
    for letter in word[1:]:
        if letter in _CURL_TAKES:
            return False  # the rest is its value
        if letter == "k":
            return True
    return False


def _downloads(subject: Subject) -> Decision:
    steps = tuple(lines(subject))
    if not steps:
        return not_evaluable(NO_HISTORY)
    found = (
        Evidence(place, shortened(text, _SHOWN))
        for place, text in made(subject)
        if _adds_unverified(text) or _unverified(run_by(text))
    )
    decision = none_of(
        found,
        "{} steps fetch a file and verify neither digest nor signature",
        f"none of {len(steps)} steps fetches a file without verifying it",
    )
    return unless_cut(decision, subject)


def _adds_unverified(text: str) -> bool:
    return bool(_ADD.match(text)) and "://" in text and " --checksum=" not in text


def _unverified(commands: Sequence[Command]) -> bool:
    fetching = [at for at, each in enumerate(commands) if _fetches(each)]
    if not fetching:
        return False
    # What is piped into an interpreter has run before anything could verify it.
    after = (commands[at + 1] for at in fetching if at + 1 < len(commands))
    if any(each.piped and _runs_input(each) for each in after):
        return True
    return not any(map(_verifies, commands))


def _runs_input(command: Command) -> bool:
    """Return whether an interpreter runs what it reads: `sh`, `bash -s -- x`, not `python -c x`."""
    first = next(iter(command.arguments), "-")
    is_script = first.startswith("-") and first not in {"-c", "-m", "-e"}
    return command.name in _INTERPRETERS and is_script


def _fetches(command: Command) -> bool:
    return command.name in _FETCHERS and any(
        "://" in word or "$" in word for word in command.arguments
    )


def _verifies(command: Command) -> bool:
    """Return whether a command ends the build if a digest or a signature is wrong."""
    name, words = command.name, command.arguments
    if name in {"gpgv", "sqv"}:
        return True
    if name.endswith("sum") and name.startswith("sha"):
        checks = any(word == "--check" or _SHORT_C.match(word) for word in words)
        return checks or command.within in _TESTS
    needed = {
        "gpg": {"--verify", "--decrypt"},
        "gpg2": {"--verify", "--decrypt"},
        "sq": {"verify"},
        "cosign": {"verify", "verify-blob", "verify-attestation"},
        "minisign": {"-V", "-Vm"},
        "signify": {"-V", "-C"},
        "openssl": {"-verify"},
        "shasum": {"-c", "--check"},
        "rpm": {"-K", "--checksig"},
        "rpmkeys": {"-K", "--checksig"},
    }.get(name, set())
    return not needed.isdisjoint(words)


CHECKS = (
    Check(
        id="history-verifies-packages",
        title="No step of the build turns signatures off",
        reads="configuration: history",
        fix="Remove the option, and install the repository's key.",
        command="docker history --no-trunc IMAGE | grep -E -- '--(allow-un|no-?gpg|force|trusted)'",
        decide=_flags,
    ),
    Check(
        id="history-verifies-downloads",
        title="Downloads of the build are verified",
        reads="configuration: history",
        fix="Verify the digest or the signature in the same step (sha256sum -c, gpg --verify), or"
        " use ADD --checksum.",
        command="docker history --no-trunc IMAGE | grep -E '(curl|wget|ADD) .*https?://'",
        decide=_downloads,
    ),
)
