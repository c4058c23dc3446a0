"""Ids of accounts and groups that are no numbers: programs read them differently, some as 0."""

from collections.abc import Iterable

from careen.compliance.accounts import Account
from careen.compliance.check import Decision, not_evaluable
from careen.model.compliance.result import Result

_NAMED = 3  # names that a reason lists


def unless_unknown(decision: Decision, names: Iterable[str]) -> Decision:
    """Return the decision, or "not evaluable" if nothing failed and ids of `names` are unknown."""
    unknown = tuple(names)
    if decision.result is Result.FAIL or not unknown:
        return decision
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    shown = ", ".join(repr(each[:80]) for each in unknown[:_NAMED])
    return not_evaluable(f"the uid or gid of {shown}{more} is no number (account-files-valid)")


def without_numbers(accounts: Iterable[Account] | None) -> tuple[str, ...]:
    """Return the names of the accounts whose uid or gid is no number."""
    return tuple(each.name for each in accounts or () if each.uid is None or each.gid is None)


def groups_without_numbers(groups: Iterable[tuple[str, int | None]] | None) -> tuple[str, ...]:
    """Return the names of the groups whose gid is no number."""
    return tuple(name for name, gid in groups or () if gid is None)
