"""What a question must pass, by name."""

import re


def patterns(who: str, prompt: str) -> str:
    return "a secret" if re.search(r"sk-[a-z0-9]{8}", prompt) else ""


def quota(who: str, prompt: str) -> str:
    from limits import parse, storage, strategies

    from relay.settings import settings

    store = storage.storage_from_string(settings.get("quota_store", "memory://"))
    name = settings.get("quota_strategy", "moving-window")
    limiter = strategies.STRATEGIES[name](store)
    return "" if limiter.hit(parse(settings.get("quota", "5/minute")), who) else "too many"


def policy(who: str, prompt: str) -> str:
    import casbin

    from relay.settings import settings

    judge = casbin.Enforcer(settings.policy_model, settings.policy)
    return "" if judge.enforce(who, "model", "ask") else f"{who} may not ask"
