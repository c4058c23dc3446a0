"""What the scripts that are piped into a container begin with: programs that are started, waited for, asked and ended."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(tempfile.mkdtemp())
os.chdir(HERE)
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"


def ask(url, body=None, headers=None, method=None):
    """The status and the text of an answer, whatever it is."""
    data = body if body is None or isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    asked = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as reply:
            return reply.status, reply.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


@contextlib.contextmanager
def program(*words, url, ends=signal.SIGTERM, **environment):
    """Run a server until it answers at `url`; at the end, send a signal and wait. Yields it, with `log` (a file)."""
    log = Path(tempfile.mkstemp(suffix=".log")[1])
    with log.open("wb") as output:
        one = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **environment}, start_new_session=True)
    one.log = log
    until = time.monotonic() + 120
    try:
        while True:
            if one.poll() is not None or time.monotonic() > until:
                sys.exit(f"{words[0]} is not there: {one.poll()}\n{log.read_text()[-6000:]}")
            try:
                if ask(url)[0] < 500:
                    break
            except OSError:
                time.sleep(0.3)
        yield one
    finally:
        one.send_signal(ends)
        try:
            one.wait(30)
        except subprocess.TimeoutExpired:
            print("did not end", words[:3])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        one.wait(10)


def run(words, status=0, **environment):
    """What a command writes; shows it when its end is not the expected one."""
    done = subprocess.run(words, shell=isinstance(words, str), capture_output=True, text=True, env={**os.environ, **environment}, timeout=240)
    text = done.stdout + done.stderr
    if done.returncode != status:
        print(f"!! {words}: {done.returncode}\n{text[-3000:]}")
    return text


def show(name, *values):
    print("==", name, *values, flush=True)
