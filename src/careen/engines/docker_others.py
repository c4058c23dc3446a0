"""Hear of the containers that others make of an image while they make them: tests that start the image by themselves."""

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import IO

from careen.engines.docker_cli import DOCKER, document_of, inspect_image
from careen.errors import CareenError
from careen.tools.process import end_group

_MOST = 64 << 10
"""Characters of one event: labels of an image are hostile and may be long, but a line must end."""
_WORDS = ("events", "--filter", "type=container", "--filter", "event=create", "--format", "{{json .Actor}}")


@contextlib.contextmanager
def hearing_of_others(image_id: str, mine: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Call `tell` with the id of each container of the image that is made within the block, from a thread of its own; those with the label `mine` are careen's.

    Docker says so when a container has been made, and it is started by another call: there is a moment in between. What cannot be heard is not told: it is
    evidence that is missing, no reason to fail.
    """
    try:
        process = subprocess.Popen(
            [DOCKER.require(), *_WORDS], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError:
        yield
        return
    assert process.stdout is not None  # noqa: S101 — a pipe, asked for above
    listener = threading.Thread(target=_listen, args=(process.stdout, image_id, mine, tell), daemon=True)
    listener.start()
    try:
        yield
    finally:
        end_group(process)
        listener.join(5.0)
        if not listener.is_alive():
            process.stdout.close()


def _listen(stream: IO[bytes], image_id: str, mine: str, tell: Callable[[str], None]) -> None:
    known: dict[str, bool] = {image_id: True}
    whole = True
    while line := stream.readline(_MOST):
        begins, whole = whole, line.endswith(b"\n")
        if not begins or not whole:
            continue  # a part of a line that is too long
        with contextlib.suppress(CareenError):
            actor = document_of(line, "hearing of containers")
            attributes = actor.get("Attributes") or {}
            name = str(attributes.get("image", ""))
            if mine in attributes:
                continue
            if name not in known:
                known[name] = (inspect_image(name) or {}).get("Id") == image_id
            if known[name]:
                tell(str(actor.get("ID", "")))
