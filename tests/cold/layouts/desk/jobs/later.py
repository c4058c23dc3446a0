"""A queue: a worker and a clock are started, asked and ended."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(pool, *words):
    folder = Path(os.environ.setdefault("DESK_QUEUE", tempfile.mkdtemp()))
    celery = [sys.executable, "-m", "celery", "-A", "desk.queue:queue"]
    began = [
        subprocess.Popen([*celery, *rest], stdout=(folder / f"{rest[0]}.log").open("w"), stderr=subprocess.STDOUT, cwd="/srv/desk/app")
        for rest in (
            ["worker", "-P", pool, "-c", "2", "-l", "INFO", "--without-gossip", "--without-mingle"],
            ["beat", "-l", "INFO", "-s", str(folder / "beat"), "--max-interval", "1", "--pidfile="],
        )
    ]
    from desk.queue import queue

    try:
        for word in words:
            print(word, queue.send_task("desk.tasks.words.shout", [word]).get(timeout=60))
        until = time.monotonic() + 40
        while "strike" not in (folder / "worker.log").read_text() and time.monotonic() < until:
            time.sleep(0.3)
        print("struck", "strike" in (folder / "worker.log").read_text())
    except Exception as error:
        print(type(error).__name__, error, (folder / "worker.log").read_text()[-2000:])
    finally:
        for one in began:
            one.send_signal(signal.SIGTERM)
        print([one.wait(30) for one in began])
