"""The bench: a running container of the image, as root, with a directory of our own in it and the network that the user allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from careen.errors import ToolError
from careen.model.engine import CommandResult, Container

INSIDE = "/.careen-bench"
"""Where the bench's own directory is in the container; it never comes into the image."""

SHORT = 120.0
LONG = 1800.0
"""Seconds that a package manager may take for a question, and for the work itself."""

_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a patcher works. `container` runs and does nothing by itself; `scratch` is the host's side of `INSIDE`, writable by everybody in the container.

    `environment` holds for all commands. `tooling` is a container of another image (same `scratch`) for an image that cannot run a package manager itself.
    """

    container: Container
    scratch: Path
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    tooling: Container | None = None

    def run(
        self,
        argv: Sequence[str],
        *,
        doing: str,
        timeout: float = SHORT,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        in_tooling: bool = False,
    ) -> CommandResult:
        """Run a command as root. `doing` says in words what for (`asking apt for candidates`). With `check`, raises ToolError with the end of its output
        unless it exits with 0; a time limit that passed is an error in any case.
        """
        where = self.tooling if in_tooling else self.container
        if where is None:
            msg = f"{doing}: the image has no package manager that could; name an image that has with --tooling"
            raise ToolError(msg)
        done = where.exec(tuple(argv), timeout, env={**self.environment, **(env or {})})
        if done.status is None:
            msg = f"{doing}: no end after {timeout:g} s: {_end(done.output)}"
            raise ToolError(msg)
        if check and done.status != 0:
            msg = f"{doing}: {argv[0]} ended with {done.status}: {_end(done.output)}"
            raise ToolError(msg)
        return done

    def directory(self, name: str) -> tuple[Path, str]:
        """Make a directory below `scratch`, open to every user; return its path here and in the container. An existing one is the same again."""
        path = self.scratch
        for part in name.split("/"):
            path = path / part
            if path.is_symlink():  # only what runs in the container can have put it there, and it may lead anywhere on this machine
                msg = f"{INSIDE}/{name}: a link is in the place of the bench's own directory: {str(path.readlink())!r}"
                raise ToolError(msg)
            path.mkdir(mode=0o777, exist_ok=True)
        path.chmod(0o777)
        return path, f"{INSIDE}/{name}"


def _end(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " | ".join(lines[-4:])[-_SHOWN:] or "it printed nothing"
