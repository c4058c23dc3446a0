"""Names that follow from an image's own: of its result, and of its workload."""

import re


def hardened(name: str) -> str:
    """Return the name of the result: `app:1` gives `app:1-hardened`, `app` `app:hardened`."""
    plain = name.partition("@")[0]
    if ":" in plain.rpartition("/")[2]:
        return f"{plain}-hardened"
    return f"{plain}:hardened"


def workload_name(text: str) -> str:
    """Return a text as a workload's name, `service` if nothing of it is left."""
    last = text.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", last).strip("-._")[:64] or "service"
