"""The sensor against `strace -ff` as ground truth: one run of a docker image under runc, watched by
both at once; prints what only one of them saw.

    python bench/sensor_vs_strace.py [--json FILE] [--user UID] [-e NAME=VALUE] [--url URL --test
    CMD] [IMAGE [COMMAND …]]

Needs root, docker (overlay2) for the image's layers, runc and strace. Compared are sets of (kind,
string as given, errno) of all calls that take a path, from the container's first exec on. COMMAND
replaces the image's command line; its environment and working directory stay. With --test the
container is a service on the host's network: once URL answers, CMD runs on the host with BASE_URL,
and the container is stopped. Without IMAGE it is the embedding workload (wl/embed:cpu, port 8080)
with its tests.
"""

import argparse
import codecs
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench._embed import IMAGE, default_test
from bench._room import ending
from careen.sensor.ebpf import EbpfWatch
from careen.sensor.helpers import Helpers
from careen.sensor.recording import Recording
from careen.sensor.wire import NAME_KEY, Kind

URL = "http://127.0.0.1:8080/health"
Fact = tuple[str, str, str]  # kind, string, errno name or ""

GROUPS = {
    "open": "open openat openat2 creat",
    "exec": "execve execveat",
    "stat": "stat lstat newfstatat statx statfs",
    "access": "access faccessat faccessat2",
    "readlink": "readlink readlinkat",
    "chdir": "chdir chroot",
    "lookup": "getxattr lgetxattr listxattr llistxattr inotify_add_watch name_to_handle_at",
    "change": (
        "truncate rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink"
        " symlinkat chmod fchmodat fchmodat2 chown lchown fchownat utime utimes futimesat utimensat"
        " mknod mknodat setxattr lsetxattr removexattr lremovexattr"
    ),
}
KIND_OF_CALL = {call: group for group, calls in GROUPS.items() for call in calls.split()}
TWO_NAMES = {"rename", "renameat", "renameat2", "link", "linkat"}
SECOND_NAME = {"symlink", "symlinkat"}
KIND_OF_SENSOR = {
    Kind.OPEN: "open",
    Kind.WRITE: "open",
    Kind.OPEN_WRITE: "open",
    Kind.EXEC: "exec",
    Kind.STAT: "stat",
    Kind.ACCESS: "access",
    Kind.READLINK: "readlink",
    Kind.CHDIR: "chdir",
    Kind.LOOKUP: "lookup",
    Kind.CHANGE: "change",
}
LINE = re.compile(r"(\w+)\((.*)\)\s+= (-?\w+)(?: (E\w+))?")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@contextmanager
def bundle(options: argparse.Namespace) -> Iterator[tuple[Path, str]]:
    """A runc bundle over a writable view of the image; yields it and the container's id."""
    inspected = json.loads(subprocess.check_output(["docker", "image", "inspect", options.image]))[
        0
    ]
    where = Path(tempfile.mkdtemp(prefix="careen-strace-"))
    for name in ("rootfs", "up", "work", "log"):
        (where / name).mkdir()
    layers = inspected["GraphDriver"]["Data"]
    lower = ":".join(layers[key] for key in ("UpperDir", "LowerDir") if layers.get(key))
    overlay = f"lowerdir={lower},upperdir={where}/up,workdir={where}/work"
    # fsconfig(2) takes 256 bytes a value: a long list of layers needs the old mount(2)
    mount = ["mount", "-t", "overlay", "careen-strace", "-o", overlay, str(where / "rootfs")]
    subprocess.check_call(mount, env={**os.environ, "LIBMOUNT_FORCE_MOUNT2": "always"})
    container = secrets.token_hex(32)
    try:
        subprocess.check_call(["runc", "spec", "--bundle", str(where)])
        spec: dict[str, Any] = json.loads((where / "config.json").read_text())
        config = inspected["Config"]
        argv = options.command or [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]
        spec["process"] |= {
            "terminal": False,
            "args": argv,
            "env": [*config["Env"], *options.env],
            "cwd": config.get("WorkingDir") or "/",
        }
        spec["process"]["user"] = {"uid": options.user, "gid": options.user}
        spec["root"]["readonly"] = False
        spec["linux"]["cgroupsPath"] = f"/careen-strace/{container}"
        # strace follows numbers of the host's pid namespace, so the container shares it
        shared = {"pid", "network"} if options.test else {"pid"}
        spec["linux"]["namespaces"] = [
            space for space in spec["linux"]["namespaces"] if space["type"] not in shared
        ]
        (where / "config.json").write_text(json.dumps(spec))
        yield where, container
    finally:
        subprocess.check_call(["umount", str(where / "rootfs")])
        shutil.rmtree(where)


def text_of(escaped: str) -> str:
    """Undo strace's C escapes."""
    raw, _ = codecs.escape_decode(escaped.encode())
    return bytes(raw).decode("utf-8", "surrogateescape")


def facts_of(call: str, arguments: str, errno: str) -> Iterator[Fact]:
    """What one line of strace says about paths."""
    kind = "lookup" if call.startswith("open") and "O_PATH" in arguments else KIND_OF_CALL[call]
    strings = [text_of(found) for found in STRING.findall(arguments)]
    chosen = (
        strings[:2] if call in TWO_NAMES else strings[1:2] if call in SECOND_NAME else strings[:1]
    )
    return ((kind, string, errno) for string in chosen if string)


def truth(log: Path, root: int) -> tuple[set[Fact], Counter[str]]:
    """All facts of the process `root` from the exec that leaves runc, and of its descendants."""
    facts: set[Fact] = set()
    calls: Counter[str] = Counter()
    todo, done = [root], set[int]()
    while todo:
        pid = todo.pop()
        path = log / f"t.{pid}"
        if pid in done or not path.exists():
            continue
        done.add(pid)
        live = pid != root
        for line in path.read_text(errors="surrogateescape").splitlines():
            match = LINE.match(line)
            if not match:
                continue
            call, arguments, result, errno = match.groups()
            if (
                not live
                and call == "execve"
                and result == "0"
                and "/proc/self/" not in arguments
                and '"init"' not in arguments
            ):
                live = True
            if not live:
                continue
            if call in {"clone", "clone3", "fork", "vfork"} and result.isdigit():
                todo.append(int(result))
            if call in KIND_OF_CALL:
                calls[call] += 1
                facts.update(facts_of(call, arguments, errno or ""))
    return facts, calls


def seen(recording: Recording) -> set[Fact]:
    """The same, from the sensor's recording."""
    import errno

    out: set[Fact] = set()
    for key, sight in recording.names.items():
        _, _, _, _, _, kind, error = NAME_KEY.unpack(key)
        out.add(
            (
                KIND_OF_SENSOR[Kind(kind)],
                sight.given,
                errno.errorcode.get(-error, "") if error else "",
            )
        )
    return out


def answers(url: str) -> bool:
    """Say whether GET of the URL succeeds."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 — the URL is of the command line
            return True
    except OSError:
        return False


def drive(running: "subprocess.Popen[bytes]", name: str, options: argparse.Namespace) -> None:
    """Wait for the service, test it, stop it."""
    while not answers(options.url):
        if running.poll() is not None:
            message = "the container ended before it answered"
            raise SystemExit(message)
        time.sleep(0.5)
    base = "/".join(options.url.split("/")[:3])
    subprocess.call(
        ["sh", "-c", options.test], env={**os.environ, "BASE_URL": base}, stdout=sys.stderr
    )
    subprocess.check_call(["runc", "kill", name, "TERM"])


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Run once under both; return the figures and the differences."""
    with bundle(options) as (where, container):
        watch = EbpfWatch(f"arm {container}", Helpers((), 0))
        try:
            name = f"c{container[:12]}"
            traced = [
                "-s",
                "4096",
                "-o",
                str(where / "log" / "t"),
                "-e",
                "trace=%file,%process,chdir,fchdir,chroot",
            ]
            running = subprocess.Popen(
                ["strace", "-ff", *traced, "runc", "run", "--bundle", str(where), name],
                stdout=sys.stderr,
            )
            if options.test:
                drive(running, name, options)
            status = running.wait()
            trace = watch.finish()
        finally:
            watch.close()
        recording = watch.recording
        assert recording is not None
        expected, calls = truth(where / "log", recording.starts[0].pid)
    mine = seen(recording)
    return {
        "status": status,
        "losses": {name: count for name, count in trace.sensor.losses.items() if count},
        "strace_calls": sum(calls.values()),
        "strace_unique": len(expected),
        "sensor_unique": len(mine),
        "both": len(expected & mine),
        "only_strace": dict(sorted(Counter(kind for kind, _, _ in expected - mine).items())),
        "only_sensor": dict(sorted(Counter(kind for kind, _, _ in mine - expected).items())),
        "only_strace_first": sorted(expected - mine)[:20],
        "only_sensor_first": sorted(mine - expected)[:20],
    }


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--user", type=int, default=0)
    parser.add_argument("-e", dest="env", action="append", default=[])
    parser.add_argument("--url")
    parser.add_argument("--test")
    parser.add_argument("image", nargs="?")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.image is None:
        options.image, options.url = IMAGE, options.url or URL
        options.test = options.test or default_test(IMAGE)[0]
    with ending():
        found = compare(options)
    for name, value in found.items():
        print(f"{name:18} {value}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
