"""Run a program whose standard input is written by a function, without a temporary file."""

import contextlib
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from careen.errors import ToolError
from careen.tools.process import Finished, collect, end_group


def feed(
    argv: Sequence[str], write: Callable[[BinaryIO], object], *, timeout: float, doing: str
) -> Finished:
    """Start `argv`, let `write` fill its standard input, and wait until it exits 0.

    `timeout` is in seconds and includes the writing. An exception of `write` ends the program and
    is raised, except for a broken pipe. Raises ToolError if the program cannot be started, fails or
    takes too long.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        msg = f"{doing}: {argv[0]}: cannot be started: {error.strerror}"
        raise ToolError(msg) from error
    if (
        process.stdin is None or process.stdout is None or process.stderr is None
    ):  # pragma: no cover — they were asked for above
        raise ToolError(argv[0])
    out: list[bytes] = []
    err: list[bytes] = []
    readers = [
        threading.Thread(target=collect, args=pair, daemon=True)
        for pair in ((process.stdout, out), (process.stderr, err))
    ]
    late = threading.Event()

    def give_up() -> None:
        late.set()
        end_group(process)

    limit = threading.Timer(timeout, give_up)
    limit.daemon = True
    for thread in (*readers, limit):
        thread.start()
    try:
        # It has read enough or failed: the exit status decides.
        with contextlib.suppress(BrokenPipeError):
            write(cast("BinaryIO", process.stdin))
            process.stdin.close()
        status = process.wait()
    except BaseException:
        end_group(process)
        raise
    finally:
        limit.cancel()
        with contextlib.suppress(OSError):
            process.stdin.close()
        for reader in readers:
            reader.join(5.0)
        if not any(reader.is_alive() for reader in readers):
            process.stdout.close()
            process.stderr.close()
    done = Finished(status, b"".join(out), b"".join(err))
    if late.is_set():
        msg = f"{doing}: {argv[0]} did not finish in {timeout:g} s and was ended"
        raise ToolError(msg)
    if status != 0:
        msg = f"{doing}: {argv[0]} failed ({status}): {done.complaint}"
        raise ToolError(msg)
    return done
