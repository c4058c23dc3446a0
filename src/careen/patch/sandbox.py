"""The sandbox: a running container of the image in which patchers work as root."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from careen.errors import ToolError
from careen.model.runs.engine import CommandResult, Container
from careen.patch import sandbox_files
from careen.patch.credentials import without_credentials

INSIDE = sandbox_files.INSIDE

SHORT = 120.0
LONG = 1800.0
"""Seconds for a question to a package manager (SHORT) and for its work (LONG)."""

_SHOWN = 400
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Container that a patcher works in, with a directory shared with the host.

    `container` does nothing by itself. `scratch` is the host's side of `INSIDE`, writable by every
    user of the container. `environment` applies to all commands. `tooling` is a container of
    another image (same `scratch`) for an image that cannot run a package manager itself.
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
        """Run a command as root; `doing` describes it in messages (`asking apt for candidates`).

        Raises ToolError with the end of the output, without credentials, if the time limit passes
        or, with `check`, the exit status is not 0.
        """
        where = self.tooling if in_tooling else self.container
        if where is None:
            msg = (
                f"{doing}: the image has no package manager that could; name an image that has with"
                " --tooling"
            )
            raise ToolError(msg)
        done = where.exec(tuple(argv), timeout, env={**self.environment, **(env or {})})
        if done.status is None:
            msg = f"{doing}: timed out after {timeout:g} s: {_end(done.output)}"
            raise ToolError(msg)
        if check and done.status != 0:
            msg = f"{doing}: {argv[0]} ended with {done.status}: {_end(done.output)}"
            raise ToolError(msg)
        return done

    def directory(self, name: str) -> str:
        """Make a directory below `scratch`, open to every user; return its path in the container.

        An existing one is kept.
        """
        # No host path is returned: only `sandbox_files` may enter a directory in which the
        # container can put links.
        sandbox_files.make_directory(self.scratch, name)
        return f"{INSIDE}/{name}"

    def put(self, name: str, data: bytes) -> str:
        """Write a file below `scratch`, readable by every user; return its path in the container.

        Its directory must exist.
        """
        with sandbox_files.writing(self.scratch, name) as out:
            out.write(data)
        return f"{INSIDE}/{name}"

    def copy(self, source: Path, name: str, mode: int = 0o644) -> str:
        """Copy a file of this machine to below `scratch`; return its path in the container."""
        try:
            stream = source.open("rb")
        except OSError as error:
            msg = f"copying {source.name} to the patch sandbox: {error.strerror or error}"
            raise ToolError(msg) from error
        # Never a link: root in the container could write to the source.
        with stream, sandbox_files.writing(self.scratch, name, mode) as out:
            shutil.copyfileobj(stream, out, _PIECE)
        return f"{INSIDE}/{name}"

    def holds(self, name: str) -> bool:
        """Return whether something below `scratch` has this name."""
        return sandbox_files.exists(self.scratch, name)

    def names(self, name: str, limit: int) -> tuple[str, ...]:
        """Return the names in a directory below `scratch`; raise ToolError beyond `limit`."""
        return sandbox_files.names(self.scratch, name, limit)

    def remove(self, name: str) -> None:
        """Remove a file below `scratch`, if it exists."""
        sandbox_files.remove(self.scratch, name)

    def remove_tree(self, name: str) -> None:
        """Remove a directory below `scratch` and its content, if it exists."""
        sandbox_files.remove_directory(self.scratch, name)

    def take(self, name: str, limit: int) -> bytes | None:
        """Return a file that the container wrote below `scratch`, or None if it is missing.

        Raises ToolError unless it is a regular file of at most `limit` bytes.
        """
        return sandbox_files.read(self.scratch, name, limit)


def _end(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return without_credentials(" | ".join(lines[-4:]))[-_SHOWN:] or "it printed nothing"
