"""One call of cosign, which never waits for a terminal."""

import os
import re
from collections.abc import Callable

from careen.tools.process import Finished, Program, Supervision, run

COSIGN = Program(("cosign",), "cosign")
SECONDS = 120.0
PASSWORD = "COSIGN_PASSWORD"  # noqa: S105 — the variable's name

_INTRODUCED = re.compile(r"\Aerror during command execution: (?:signing /[^ :]*: )?")


def cosign(*words: str, ended: Callable[[], bool] | None = None) -> Finished:
    """Run cosign, at most `SECONDS` or until `ended` returns true.

    Raises ToolError without cosign.
    """
    # A key without a password asks for none; one with a password must not wait for a terminal.
    environment = {**os.environ, PASSWORD: os.environ.get(PASSWORD, "")}
    supervision = Supervision(ended, strays=False)
    argv = [COSIGN.require(), *words]
    return run(argv, timeout=SECONDS, env=environment, supervision=supervision)


def said(done: Finished) -> str:
    """Return what cosign complained of, without its introductions."""
    return _INTRODUCED.sub("", done.complaint)
