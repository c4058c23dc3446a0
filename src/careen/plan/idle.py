"""Rules of the user that did nothing in a plan: a mistyped glob, an unmet condition."""

from careen.model.plan import Plan
from careen.plan.core.rules import Rule, RuleSet


def idle_rules(rules: RuleSet, plan: Plan) -> tuple[str, ...]:
    """Return a note for each rule of the user that kept and removed nothing in a plan.

    Rules that only skip words leave no trace in a plan and get no note.
    """
    did = {reason.code for reasons in (plan.keep, plan.remove) for reason in reasons.values()}
    return tuple(
        _note(rule, plan)
        for rule in rules.rules
        if rule.id not in rules.own and _shows(rule) and f"rule:{rule.id}" not in did
    )


def _shows(rule: Rule) -> bool:
    return bool(
        rule.keep
        or rule.siblings
        or rule.packages
        or rule.commands
        or rule.drop
        or rule.include_directories
    )


def _note(rule: Rule, plan: Plan) -> str:
    if plan.level not in rule.levels:
        why = (
            f"it counts at {' and '.join(sorted(level.value for level in rule.levels))}, and this"
            f" plan is for {plan.level.value!r}"
        )
    elif plan.applied is not None and rule.id in plan.applied:
        why = "what it names is not in the image, or was decided for another reason"
    else:
        why = "its conditions did not hold"
    return f"rule {rule.id!r} of {rule.origin} kept and removed nothing: {why}"
