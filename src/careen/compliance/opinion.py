"""The rules of another scanner beside careen's checks."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from careen.compliance.assess import combined
from careen.model.compliance.result import CheckResult, Result
from careen.model.compliance.second_opinion import ComparedRule

_DECIDED = {Result.PASS: "pass", Result.FAIL: "fail"}
_PREFIX = "xccdf_org.ssgproject.content_rule_"


@cache
def _table() -> tuple[Mapping[str, Any], ...]:
    text = resources.files("careen.compliance").joinpath("data", "ssg.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["same"])


def compared(theirs: Mapping[str, str], ours: Sequence[CheckResult]) -> tuple[ComparedRule, ...]:
    """Return the rules that both have decided, in the order of the rules' names.

    `theirs` maps rule ids to XCCDF results. A rule that either has not decided is not compared.
    """
    known = {each.check: each for each in ours}
    found: list[ComparedRule] = []
    for row in _table():
        checks = [known[name] for name in row["checks"] if name in known]
        if len(checks) != len(row["checks"]):
            continue
        word = _DECIDED.get(combined(checks)[0])
        for rule in row["rules"]:
            result = theirs.get(_PREFIX + rule, "")
            if word is not None and result in _DECIDED.values():
                found.append(
                    ComparedRule(
                        rule,
                        result,
                        tuple(row["checks"]),
                        word,
                        result == word,
                        row.get("difference", ""),
                    )
                )
    return tuple(sorted(found, key=lambda each: each.rule))
