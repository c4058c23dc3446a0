"""Tries of an image in the queue, without a database."""

import pytest
from procrastinate import testing

from careen.clusters.queue import app as queue_module
from careen.clusters.queue.app import ATTEMPTS, QUEUE, TASK, queue_app


@pytest.mark.parametrize(
    ("status", "tries"), [(0, 1), (1, ATTEMPTS), (2, 1), (3, 1), (4, 1), (137, ATTEMPTS)]
)
def test_only_what_may_change_is_tried_again(
    status: int, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "_BASE", 0)
    asked: list[tuple[str, str]] = []

    def perform(images: str, tag: str) -> int:
        asked.append((images, tag))
        return status

    app = queue_app(testing.InMemoryConnector(), perform)
    app.configure_task(TASK, queue=QUEUE).defer(images="/images.toml", tag="web:1")
    app.run_worker(wait=False, install_signal_handlers=False)
    assert asked == [("/images.toml", "web:1")] * tries
