"""Watch for containers of an image that others create, such as tests that start the image."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from careen.engines.docker.cli import DOCKER, document_of, inspect_image
from careen.errors import CareenError
from careen.model.runs.engine import Others
from careen.tools.process import end_group

_MOST = 64 << 10
"""Maximum of bytes of one event: an image's labels are hostile and may be long."""
_WORDS = (
    "events",
    "--filter",
    "type=container",
    "--filter",
    "event=create",
    "--filter",
    "event=start",
    "--format",
    "{{json .}}",
)


@contextlib.contextmanager
def watch_other_containers(
    image_id: str, mine: str, tell: Callable[[str], None], reference: str = ""
) -> Iterator[Others]:
    """Call `tell` with the id of each container of the image that is created in the block.

    `tell` runs in a separate thread. Containers with the label `mine` are careen's and are skipped.
    `reference` is a name of the image. The yielded counter counts starts. Events that do not arrive
    are not counted.
    """
    # Docker sends `create` a little before another call starts the container. The image's name is
    # known in advance: an inspect at the first event may take longer than a container lives.
    others = Others()
    try:
        # --since also returns events from before the client listens.
        argv = [
            DOCKER.require(),
            *_WORDS,
            "--since",
            f"{time.time():.3f}",
        ]
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        yield others
        return
    assert process.stdout is not None  # noqa: S101 — a pipe, asked for above
    listener = threading.Thread(
        target=_listen,
        args=(
            process.stdout,
            _Listener(
                image_id, mine, tell, others, {name: True for name in (image_id, reference) if name}
            ),
        ),
        daemon=True,
    )
    listener.start()
    try:
        yield others
    finally:
        end_group(process)
        listener.join(5.0)
        if not listener.is_alive():
            process.stdout.close()


@dataclass(slots=True)
class _Listener:
    """The image to listen for and the reactions to its events."""

    image_id: str
    mine: str
    tell: Callable[[str], None]
    others: Others
    # whether a name in docker's events means the image
    known: dict[str, bool] = field(default_factory=dict)

    def hear(self, event: Mapping[str, Any]) -> None:
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        if self.mine in attributes or not self._is_image(str(attributes.get("image", ""))):
            return
        if event.get("Action") == "start":
            self.others.started += 1
        else:
            self.tell(str(actor.get("ID", "")))

    def _is_image(self, name: str) -> bool:
        if name not in self.known:
            self.known[name] = (
                name == self.image_id or (inspect_image(name) or {}).get("Id") == self.image_id
            )
        return self.known[name]


def _listen(stream: IO[bytes], listener: _Listener) -> None:
    whole = True
    while line := stream.readline(_MOST):
        begins, whole = whole, line.endswith(b"\n")
        if begins and whole:  # otherwise part of a line that is too long
            with contextlib.suppress(CareenError):
                listener.hear(document_of(line, "hearing of containers"))
