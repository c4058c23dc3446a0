"""The queue of images in a real PostgreSQL: each image once at a time, retries, workers that die,
and a database that stops.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from careen.clusters.queue.enqueue import enqueue
from careen.clusters.queue.status import prometheus, queue_status
from careen.errors import InputError, ToolError
from tests.support.postgres_cluster import Server
from tests.support.postgres_cluster import server as started

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

WORKER = """
import os, pathlib, sys, time
from careen.clusters.queue import app, worker

worker.HEARTBEAT, worker._LOOK, app._BASE = 0.4, 0.4, 1
folder = pathlib.Path(sys.argv[2])

def perform(images, tag):
    mine = folder / tag.replace(":", "_")
    with (folder / "log").open("a") as log:
        log.write(f"begin {tag} {os.getpid()}\\n")
    try:
        mine.touch(exist_ok=False)  # nobody else may have it
    except FileExistsError:
        (folder / "twice").touch()
    while (folder / "wait").exists():
        time.sleep(0.05)
    time.sleep(0.05)
    mine.unlink()
    with (folder / "log").open("a") as log:
        log.write(f"end {tag} {os.getpid()}\\n")
    answer = folder / f"answer-{tag.replace(':', '_')}"
    status = int(answer.read_text()) if answer.exists() else 0
    answer.unlink(missing_ok=True)  # the next try passes
    return status

worker.work(sys.argv[1], perform, once=True, name=str(os.getpid()))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started() as made:
        yield made


@pytest.fixture
def folder(server: Server, tmp_path: Path) -> Path:
    server.empty()
    (tmp_path / "log").write_text("")
    return tmp_path


def start(server: Server, folder: Path) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-c", WORKER, server.url, str(folder)]
    with (folder / "err").open("ab") as err:
        return subprocess.Popen(argv, stderr=err)


def until(folder: Path, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in (folder / "log").read_text():
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)


def lines(folder: Path, word: str) -> list[str]:
    said = (folder / "log").read_text().splitlines()
    return [line.split()[1] for line in said if line.startswith(word)]


def test_three_workers_do_each_image_once(server: Server, folder: Path) -> None:
    tags = [f"web:{i}" for i in range(12)]
    assert enqueue(server.url, "/l.toml", tags).added == 12
    again = enqueue(server.url, "/l.toml", [*tags, "job:1"])
    assert (again.added, again.waiting) == (1, 12)
    (folder / "answer-web_3").write_text("1")
    (folder / "answer-web_4").write_text("3")
    workers = [start(server, folder) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    ended = lines(folder, "end")
    assert sorted(set(ended)) == sorted([*tags, "job:1"])
    assert ended.count("web:4") == 1  # final
    assert not (folder / "twice").exists()
    time.sleep(1.1)
    assert start(server, folder).wait(60) == 0  # the second try of web:3
    status = queue_status(server.url)
    assert status.failed == ("web:4",)
    assert (status.counts["succeeded"], status.counts["todo"]) == (12, 0)
    assert lines(folder, "end").count("web:3") == 2
    assert 'careen_fleet_images{state="failed"} 1' in prometheus(status)


def test_several_schedulers_at_once_add_each_image_once(server: Server, folder: Path) -> None:
    tags = [f"web:{i}" for i in range(60)]
    lists = [tags, tags[::-1], tags[30:] + tags[:30], tags]
    with ThreadPoolExecutor(len(lists)) as pool:
        done = list(pool.map(lambda each: enqueue(server.url, "/l.toml", each), lists))
    assert sum(each.added for each in done) == 60
    assert {each.added + each.waiting for each in done} == {60}
    workers = [start(server, folder) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert sorted(lines(folder, "end")) == sorted(tags)
    assert not (folder / "twice").exists()


def test_the_job_of_a_killed_worker_is_taken_over(server: Server, folder: Path) -> None:
    enqueue(server.url, "/l.toml", ["web:1"])
    (folder / "wait").touch()
    killed = start(server, folder)
    until(folder, "begin web:1")
    assert queue_status(server.url).running == ("web:1",)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    (folder / "wait").unlink()
    (folder / "web_1").unlink()
    deadline = time.monotonic() + 60
    while not lines(folder, "end") and time.monotonic() < deadline:
        assert start(server, folder).wait(60) == 0
    assert lines(folder, "end") == ["web:1"]
    assert queue_status(server.url).counts["succeeded"] == 1


def test_a_database_that_stops_loses_no_work(server: Server, folder: Path) -> None:
    enqueue(server.url, "/l.toml", ["web:1", "web:2"])
    (folder / "wait").touch()
    worker = start(server, folder)
    until(folder, "begin web:")
    server.stop()
    try:
        with pytest.raises(ToolError, match=r"queue: adding images: connection .*failed"):
            enqueue(server.url, "/l.toml", ["web:3"])
        (folder / "wait").unlink()
        until(folder, "end web:")
    finally:
        server.start()
    worker.wait(120)
    deadline = time.monotonic() + 60
    while queue_status(server.url).counts["succeeded"] < 2 and time.monotonic() < deadline:
        assert start(server, folder).wait(60) == 0
    assert queue_status(server.url).counts["succeeded"] == 2
    assert not (folder / "twice").exists()


def test_errors_name_no_password() -> None:
    with pytest.raises(ToolError, match="Connection refused") as told:
        queue_status("postgresql://careen:secret@127.0.0.1:1/db")
    assert "secret" not in str(told.value)
    for url in ("postgresql://u:se/cret@h/d", "postgresql://u:secr%zzet@h/d"):
        with pytest.raises(InputError, match="cannot be read") as refused:
            queue_status(url)
        assert "secr" not in str(refused.value)
    with pytest.raises(InputError, match="expected postgresql://"):
        queue_status("mysql://careen:secret@127.0.0.1/db")
