"""Run a program with stdout and stderr merged, as in a terminal."""

import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ToolError
from careen.tools.process import collect, end_group


@dataclass(frozen=True, slots=True)
class Interleaved:
    """The result of a program: its status (None after the time limit) and its output.

    `output` is the last 16 MiB of stdout and stderr in the order of writing.
    """

    status: int | None
    output: str


def interleaved(
    argv: Sequence[str],
    *,
    timeout: float,
    descriptors: tuple[int, ...] = (),
    cwd: Path | None = None,
) -> Interleaved:
    """Run `argv` in its own session without input and return its merged output.

    After `timeout` seconds its process group is ended. It inherits `descriptors` under their own
    numbers. Raises ToolError if it cannot be started.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=descriptors,
            cwd=cwd,
        )
    except OSError as error:
        msg = f"{argv[0]}: cannot be started: {error.strerror}"
        raise ToolError(msg) from error
    pipe = process.stdout
    if pipe is None:  # pragma: no cover — it was asked for above
        raise ToolError(argv[0])
    chunks: list[bytes] = []
    reader = threading.Thread(target=collect, args=(pipe, chunks), daemon=True)
    reader.start()
    status: int | None = None
    try:
        status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        end_group(process)
    except BaseException:
        end_group(process)
        raise
    finally:
        reader.join(5.0)  # a grandchild may hold the pipe open for ever
        if not reader.is_alive():
            pipe.close()
    return Interleaved(status, b"".join(chunks).decode("utf-8", "replace"))
