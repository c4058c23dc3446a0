"""Parser of `.trivyignore`, Trivy's list of ignored findings: one identifier per line."""

import re

from careen.errors import ConfigError
from careen.triage.ignore_file import Rule, day, lines_of

NAME = ".trivyignore"
UNEXPLAINED = "no reason given"
MAX_REASON = 500  # characters of the comment above a line

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")


def parse_trivy_ignore(data: bytes, name: str) -> tuple[Rule, ...]:
    """Parse `CVE-2024-1234 [exp:2026-12-31]`, one per line.

    The comment in a line or right above it is its reason. Raises ConfigError `name:line: …`.
    """
    rules: list[Rule] = []
    above: list[str] = []
    for where, line in lines_of(data, name):
        text, sharp, comment = line.partition("#")
        words = text.split()
        if not words:
            above = [*above, comment.strip()] if sharp else []
            continue
        reason = comment.strip() or " ".join(filter(None, above)) or UNEXPLAINED
        rules.append(_rule(words, reason[:MAX_REASON], where))
        above = []
    return tuple(rules)


def _rule(words: list[str], reason: str, where: str) -> Rule:
    identifier, *rest = words
    if (
        not _IDENTIFIER.match(identifier)
        or len(rest) > 1
        or not all(word.startswith("exp:") for word in rest)
    ):
        msg = (
            f"{where}: expected ID [exp:YYYY-MM-DD], as Trivy has it, got {' '.join(words)[:80]!r}"
        )
        raise ConfigError(msg)
    return Rule(
        identifier.upper(),
        "",
        reason,
        day(rest[0].removeprefix("exp:"), "exp", where) if rest else None,
        where,
    )
