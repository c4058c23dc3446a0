"""The kinds of work: each a module below `kinds`, found by its name."""

import importlib
import pkgutil
from typing import Any


def names() -> list[str]:
    kinds = importlib.import_module("lake.kinds")
    return sorted(item.name for item in pkgutil.iter_modules(kinds.__path__))


def done(what: str, given: dict[str, Any]) -> Any:
    module, _, part = what.partition(".")
    if module not in names():
        raise LookupError(f"no work {module!r}; there is: {', '.join(names())}")
    return getattr(importlib.import_module(f"lake.kinds.{module}"), part or "work")(**given)
