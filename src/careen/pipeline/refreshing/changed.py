"""What has changed since the last build of an image."""

from collections.abc import Callable, Mapping

from careen import __version__
from careen.catalog.changes import older
from careen.catalog.recipe import Recipe
from careen.errors import ToolError
from careen.model.catalog.lock import Lock
from careen.model.catalog.refresh import BaseState
from careen.pipeline.refreshing.served import served
from careen.pipeline.refreshing.work import Work
from careen.pipeline.run.session import session
from careen.pipeline.watching.inputs import fingerprint

_SHOWN = 5


def packages_of(wanted: Recipe, state: BaseState) -> tuple[str, ...]:
    """Return the packages that are asked for: those of the lock, else those of the recipe."""
    if state.lock is not None:
        return tuple(sorted({each.name for each in state.lock.packages}))
    return tuple(sorted({name for step in wanted.steps for name in step.packages}))


def definition_of(wanted: Recipe) -> str:
    """Return the fingerprint of a recipe and of the careen that builds it."""
    return fingerprint((__version__.encode(), repr(wanted).encode()))


def reasons_of(
    state: BaseState, definition: str, offered: Mapping[str, str], work: Work
) -> tuple[str, ...]:
    """Return why an image is to be built; nothing if what is served is up to date.

    Raises ToolError if a registry or an engine does not answer.
    """
    if state.lock is None:
        return ("not built yet",)
    out: list[str] = []
    if state.definition != definition:
        out.append("definition")
    steps = [
        f"{each.name} {each.version} → {offered.get(each.name) or 'no longer offered'}"
        for each in state.lock.packages
        if offered.get(each.name, "") != each.version
    ]
    out += steps[:_SHOWN]
    if len(steps) > _SHOWN:
        out.append(f"{len(steps) - _SHOWN} more packages")
    request = work.request
    with session(request.settings, work.progress) as run:
        if not state.names or served(state.names[0], run, push=request.push) != state.served:
            out.append(f"{state.names[0] if state.names else 'the image'} is gone")
    return tuple(out)


def require_not_older(
    lock: Lock, offered: Mapping[str, str], compare: Callable[[str, str], int]
) -> None:
    """Raise ToolError if a build would go back: a stale mirror brings old vulnerabilities again."""
    for step in older(lock, offered, compare):
        msg = (
            f"the sources offer an older {step.name} than the image has ({step.before} →"
            f" {step.after}): a mirror is behind, or the package was withdrawn; nothing was built;"
            " --again builds with it"
        )
        raise ToolError(msg)
