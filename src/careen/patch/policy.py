"""Policy file of upgrades: the user's rules for packages, each with a reason (docs/patch.md).

[[rule]]
match = "pypi:torch*"
max = "<2.6"
reason = "the kernels are built for 2.5"
expires = 2027-03-31
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.formats.versions import UnreadableVersionError, scheme_of_packages
from careen.model.findings.identifiers import is_vulnerability
from careen.model.packages.package import Ecosystem, Package
from careen.model.patching import Reach
from careen.patch.globs import is_package, parse_glob
from careen.patch.limit import parse_limit
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table

MAX_BYTES = 1 << 20
MAX_RULES = 2000
_KEYS = ("allow_major", "expires", "hold", "match", "max", "reach", "reason")


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One `[[rule]]` for the packages of `match`; `where` is `file:line`.

    They stay (`hold`), stay within `limit`, or have their own reach or majors (None: the run's).
    """

    match: tuple[str, ...]
    reason: str
    where: str
    hold: bool = False
    limit: str = ""
    reach: Reach | None = None
    allow_major: bool | None = None

    @property
    def word(self) -> str:
        """Its location and reason."""
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What all rules say of one package; `word` names the deciding ones.

    Any hold counts, and all limits; reach and majors are those of the first rule that has them.
    """

    hold: bool = False
    limit: str = ""
    reach: Reach | None = None
    allow_major: bool | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules that hold today, in the order of the file, and notes on those that have expired."""

    rules: tuple[PolicyRule, ...] = ()
    expired: tuple[str, ...] = ()

    def on(self, package: Package) -> Ruling:
        """Return what the rules say of a package."""
        rules = [
            rule for rule in self.rules if any(is_package(glob, package) for glob in rule.match)
        ]
        holding = next((rule for rule in rules if rule.hold), None)
        limits = list(dict.fromkeys(rule.limit for rule in rules if rule.limit))
        speaking = (
            [holding] if holding is not None else [rule for rule in rules if rule.limit] or rules
        )
        return Ruling(
            hold=holding is not None,
            limit=",".join(limits),
            reach=next((rule.reach for rule in rules if rule.reach is not None), None),
            allow_major=next(
                (rule.allow_major for rule in rules if rule.allow_major is not None), None
            ),
            word="; ".join(rule.word for rule in speaking),
        )

    def unmatched(self, packages: Iterable[Package]) -> tuple[str, ...]:
        """Return a note for each rule that names no package of an image."""
        there = tuple(packages)
        idle = (
            rule
            for rule in self.rules
            if not any(is_package(glob, package) for glob in rule.match for package in there)
        )
        return tuple(
            f"{rule.where}: {', '.join(rule.match)}: names no package of the image" for rule in idle
        )


def load_policy(path: Path, today: dt.date) -> Policy:
    """Read a policy file; rules that expired before `today` become notes.

    Raises ConfigError: `patch.toml:7: rule[0].max: not a limit of versions: …`.
    """
    root = load_toml(path, MAX_BYTES)
    root.only(("rule",))
    tables = root.array("rule")
    if len(tables) > MAX_RULES:
        root.fail("rule", f"at most {MAX_RULES} rules are read, got {len(tables)}")
    rules: list[PolicyRule] = []
    expired: list[str] = []
    for table in tables:
        rule, until = _rule(table), table.date("expires")
        if until is not None and until < today:
            expired.append(
                f"{rule.where}: {', '.join(rule.match)}: expired on {until}, and holds no more;"
                " review it"
            )
        else:
            rules.append(rule)
    return Policy(tuple(rules), tuple(expired))


def _rule(table: Table) -> PolicyRule:
    table.only(_KEYS)
    match = _match(table)
    limit = table.text("max") or ""
    hold = table.flag("hold")
    reach = table.text("reach")
    allow_major = table.flag("allow_major") if "allow_major" in table.values else None
    if reach is not None and reach not in {each.value for each in Reach}:
        table.fail(
            "reach", f"expected one of {', '.join(each.value for each in Reach)}, got {reach!r}"
        )
    if not (hold or limit or reach or allow_major is not None):
        table.fail("match", "the rule says nothing: give hold, max, reach or allow_major")
    if hold and (limit or reach or allow_major is not None):
        table.fail("hold", "what is held goes nowhere: leave out max, reach and allow_major")
    _check_limit(table, limit, match)
    return PolicyRule(
        match=match,
        reason=table.text("reason") or table.fail("match", 'a rule needs a reason = "…"'),
        where=table.where("match"),
        hold=hold,
        limit=limit,
        reach=Reach(reach) if reach else None,
        allow_major=allow_major,
    )


def _match(table: Table) -> tuple[str, ...]:
    globs = table.texts("match")
    if not globs:
        table.fail(
            "match",
            'a rule needs match = "…": a package\'s name, KIND:NAME, kind or purl, as a glob',
        )
    for glob in globs:
        if is_vulnerability(glob):
            table.fail(
                "match",
                f"{glob!r} names a finding; rules are about packages: --exclude {glob} leaves a"
                " finding out",
            )
    return tuple(table.parsed("match", glob, parse_glob) for glob in globs)


def _check_limit(table: Table, limit: str, match: Sequence[str]) -> None:
    """Check the bounds by the version schemes of the kinds that `match` names."""
    if not limit:
        return
    read = table.parsed("max", limit, parse_limit)
    for kind in sorted(
        {glob.partition(":")[0] for glob in match} & {each.value for each in Ecosystem}
    ):
        scheme = scheme_of_packages(Ecosystem(kind))
        if scheme is None:
            table.fail("max", f"the versions of {kind} packages have no defined order")
        try:
            read.check(scheme)
        except UnreadableVersionError as error:
            table.fail("max", str(error))
