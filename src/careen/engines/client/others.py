"""Watch for containers of an image that others create, such as tests that start the image."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from careen.engines.client.client import Client
from careen.engines.client.events import ContainerEvent, read_event
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
    client: Client, image_id: str, mine: str, tell: Callable[[str], None], reference: str = ""
) -> Iterator[Others]:
    """Call `tell` with the id of each container of the image that is created in the block.

    `tell` runs in a separate thread. Containers with the label `mine` are careen's and are skipped.
    `reference` is a name of the image. The yielded counter counts starts. Events that do not arrive
    are not counted.
    """
    # `create` arrives a little before another call starts the container. The image's name is
    # known in advance: an inspect at the first event may take longer than a container lives.
    others = Others()
    try:
        # --since also returns events from before the client listens.
        argv = [
            client.program.require(),
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
                client,
                image_id,
                mine,
                tell,
                others,
                {name: True for name in (image_id, reference) if name},
            ),
        ),
        daemon=True,
    )
    listener.start()
    try:
        yield others
    finally:
        end_group(process)
        listener.join(5.0)  # it may be asking the engine; it closes the pipe itself


@dataclass(slots=True)
class _Listener:
    """The image to listen for and the reactions to its events."""

    client: Client
    image_id: str
    mine: str
    tell: Callable[[str], None]
    others: Others
    # whether a name in the events means the image
    known: dict[str, bool] = field(default_factory=dict)

    def hear(self, event: ContainerEvent) -> None:
        if self.mine in event.labels or not self._is_image(event.image):
            return
        if event.action == "start":
            self.others.started += 1
        else:
            self.tell(event.container)

    def _is_image(self, name: str) -> bool:
        if name not in self.known:
            found = {} if name == self.image_id else self.client.inspect_image(name) or {}
            self.known[name] = found.get("Id", name) == self.image_id
        return self.known[name]


def _listen(stream: IO[bytes], listener: _Listener) -> None:
    whole = True
    with stream:
        while line := stream.readline(_MOST):
            begins, whole = whole, line.endswith(b"\n")
            if begins and whole:  # otherwise part of a line that is too long
                with contextlib.suppress(CareenError):
                    document = listener.client.document_of(line, "hearing of containers")
                    listener.hear(read_event(document))
