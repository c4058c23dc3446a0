"""What can be asked for, one module an area; a module is imported when it is first asked for."""

import importlib
import inspect


class Unknown(LookupError):
    """No such area or job."""


def job(area: str, name: str):
    """Return the function of a job."""
    try:
        module = importlib.import_module(f"loom.areas.{area}")
    except ModuleNotFoundError as error:
        if error.name != f"loom.areas.{area}":
            raise
        raise Unknown(f"no area {area!r}") from None
    found = getattr(module, name, None)
    if name.startswith("_") or not inspect.isfunction(found) or found.__module__ != module.__name__:
        raise Unknown(f"no job {name!r} in {area!r}")
    return found
