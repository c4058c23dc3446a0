"""The sensor on another kernel: boot it in qemu-system, load all variants, watch a small container.

    python -m bench.sensor_kernels [--machine x86_64|aarch64] [--kernel FILE --busybox FILE]
        [--json FILE]

Needs qemu-system for the machine and its C compiler. Without --kernel and --busybox both come from
this machine's apt (linux-image-cloud-amd64, busybox-static). For arm64 name them: the files
boot/vmlinuz-* and usr/bin/busybox of those packages for arm64.

The initial file system has the helper, busybox and a dynamically linked program. A script of a
container changes, lists, looks for and executes files. What each variant that loads must have seen
is listed in EXPECTED; nothing may be lost, and one must load (exit status 1 otherwise). `full`
needs a kernel with the tracepoint io_uring_submit_req (6.3).
"""

import argparse
import base64
import gzip
import io
import json
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench._measured import CHECKOUT
from bench._room import room
from careen.sensor.decode import Decoder
from careen.sensor.recording import read_recording
from careen.sensor.syscall_names import name_of
from careen.tools.process import run
from tests.support.platform_index import AMD64, ARM64, Machine
from tests.support.service_image import SERVICE

MACHINES: Mapping[str, tuple[Machine, str, str, str]] = {
    "x86_64": (AMD64, "qemu-system-x86_64 -M pc -cpu max", "ttyS0", "amd64"),
    "aarch64": (ARM64, "qemu-system-aarch64 -M virt -cpu cortex-a72", "ttyAMA0", "arm64"),
}
VARIANTS = ("full", "loader", "core")
NEEDED = 1 << 30
LIMIT = 900.0
ID = "0123456789abcdef" * 4
APPLETS = "sh mount mkdir echo cat base64 unshare chroot mkfifo poweroff uname ls touch mv ln rm cp"
EXPECTED = {
    ("executed", "/usr/bin/service"),
    ("executed", "/bin/busybox"),
    ("opened", "/usr/share/used.txt"),
    ("opened", "/etc/passwd"),
    ("opened", "/etc/missing"),
    ("listed", "/usr/lib"),
    ("written", "/tmp/moved"),
    ("written", "/tmp/linked"),
    ("mapped", "libc.so.6"),
}
LOADER = ("mapped", "the ELF interpreter")
"""Of all variants but `core`."""

SCRIPT = """#!/bin/sh
/usr/bin/service cat /usr/share/used.txt
cat /etc/passwd /etc/missing
ls /usr/lib > /tmp/list
touch /tmp/new; mv /tmp/new /tmp/moved; ln -s moved /tmp/linked; rm /tmp/moved /tmp/linked /tmp/list
"""
INIT = f"""#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /mnt /sys/fs/cgroup; mount -t tmpfs tmp /tmp; mount -t tmpfs root /mnt
mount -t cgroup2 cg /sys/fs/cgroup; cp -a /container/. /mnt/; mkdir /sys/fs/cgroup/{ID}
uname -r -m
for variant in {" ".join(VARIANTS)}; do
  mkfifo /tmp/in.$variant /tmp/out.$variant; : > /tmp/trace.$variant
  careen-sensor --output 9 --variant $variant 9<>/tmp/trace.$variant \\
    < /tmp/in.$variant > /tmp/out.$variant &
  exec 7>/tmp/in.$variant 8</tmp/out.$variant
  read line <&8; echo "SENSOR $variant: $line"
  echo "arm {ID}" >&7; read line <&8; echo "phase 0" >&7; read line <&8
  ( echo $(sh -c 'echo $PPID') > /sys/fs/cgroup/{ID}/cgroup.procs
    unshare -m chroot /mnt /etc/script.sh )
  echo finish >&7; read line <&8; exec 7>&- 8<&-
  echo "BEGIN $variant"; base64 /tmp/trace.$variant; echo "END $variant"
done
poweroff -f
"""


def called(*words: str, where: Path = CHECKOUT, limit: float = LIMIT) -> str:
    """Run a program to its end and return what it printed."""
    done = run(words, timeout=limit, cwd=str(where))
    if done.status != 0:
        raise SystemExit(f"{words[0]}: {done.complaint}")
    return done.text


def from_apt(folder: Path) -> tuple[Path, Path]:
    """Fetch Debian's kernel for virtual machines and busybox; return both files."""
    told = called("apt-cache", "depends", "linux-image-cloud-amd64")
    (image,) = set(re.findall(r"Depends: (linux-image-[0-9]\S+)", told))
    called("apt-get", "-o", "APT::Sandbox::User=root", "download", image, "busybox-static",
           where=folder)  # fmt: skip
    for package in folder.glob("*.deb"):
        called("dpkg-deb", "-x", str(package), str(folder))
    return next(folder.glob("boot/vmlinuz-*")), folder / "usr" / "bin" / "busybox"


def contents(machine: Machine, helper: bytes, busybox: bytes, program: bytes) -> Iterator[Any]:
    """Yield path, mode and content of the initial file system."""
    folders = ("bin", "proc", "sys", "dev", "tmp", "container", "container/bin", "container/tmp")
    libraries, loader = f"container/usr/lib/{machine.multiarch}", Path(machine.loader)
    below = ("etc", "usr", "usr/bin", "usr/share", "usr/lib", str(loader.parent))
    for name in (*folders, *(f"container/{each}" for each in below), libraries):
        yield name, stat.S_IFDIR | 0o755, b""
    for root in ("", "container/"):
        yield f"{root}bin/busybox", stat.S_IFREG | 0o755, busybox
        for applet in APPLETS.split():
            yield f"{root}bin/{applet}", stat.S_IFLNK | 0o777, b"busybox"
    for name, data in (
        ("init", INIT.encode()),
        ("bin/careen-sensor", helper),
        ("container/etc/script.sh", SCRIPT.encode()),
        ("container/etc/passwd", b"root:x:0:0::/:/bin/sh\n"),
        ("container/usr/share/used.txt", b"used\n"),
        ("container/usr/bin/service", program),
        (f"container/{loader}", (machine.libraries / loader.name).read_bytes()),
        (f"{libraries}/libc.so.6", (machine.libraries / "libc.so.6").read_bytes()),
    ):
        yield name, stat.S_IFREG | 0o755, data


def archive(entries: Iterator[Any]) -> bytes:
    """Return an initial file system in the kernel's format (cpio, newc), packed."""
    out = bytearray()
    for number, (name, mode, data) in enumerate((*entries, ("TRAILER!!!", 0, b"")), start=1):
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields)
        for part in (name.encode() + b"\0", data):
            out += part
            out += bytes(-len(out) % 4)
    return gzip.compress(bytes(out), 1)


def judged(log: str, variant: str, machine: str) -> dict[str, Any]:
    """Return what a variant saw and what it lacks."""
    told = re.search(rf"SENSOR {variant}: (.*)", log)
    found = re.search(rf"BEGIN {variant}\n(.*?)END {variant}", log, re.DOTALL)
    answer = told[1].strip() if told else "nothing"
    if answer != f"ready {variant}" or found is None:
        return {"variant": variant, "sensor": answer}
    recording = read_recording(io.BytesIO(base64.b64decode(found[1])))
    decoder = Decoder(recording)
    seen = set()
    for touch in (*decoder.names(), *decoder.files()):
        path = touch.resolved or touch.given
        libc = path.endswith("/libc.so.6")
        loader = path.rpartition("/")[2].startswith("ld-linux")
        named = "libc.so.6" if libc else LOADER[1] if loader else path
        seen.add((touch.use.value, named if touch.use.value == "mapped" else path))
    wanted = EXPECTED if variant == "core" else {*EXPECTED, LOADER}
    lost = {name: count for name, count in recording.losses.items() if count}
    calls = {name_of(machine, each) for found in recording.syscalls.values() for each in found}
    return {
        "variant": variant,
        "sensor": answer,
        "events": recording.counters["events"],
        "lost": lost,
        "syscalls": len(calls),
        "unnamed": sorted(name for name in calls if name.startswith("syscall_")),
        "missing": sorted(" ".join(each) for each in wanted - seen),
    }


def main(words: list[str]) -> int:
    """Boot the kernel and print what each variant of the sensor saw."""
    parser = argparse.ArgumentParser(prog="bench.sensor_kernels")
    parser.add_argument("--machine", default="x86_64", choices=list(MACHINES))
    parser.add_argument("--kernel", type=Path)
    parser.add_argument("--busybox", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(words)
    machine, emulator, console, _ = MACHINES[given.machine]
    with room(NEEDED) as scratch:
        if given.kernel is None or given.busybox is None:
            if given.machine != "x86_64":
                parser.error("--kernel and --busybox: name both for another machine")
            given.kernel, given.busybox = from_apt(scratch)
        called(sys.executable, "scripts/programs.py", "--for", given.machine, "sensor")
        helper = CHECKOUT / "src/careen/sensor/bin" / given.machine / "careen-sensor"
        program = scratch / "service"
        called(machine.compiler, "-O1", "-s", "-o", str(program), str(SERVICE))
        first = scratch / "initrd.gz"
        parts = (helper.read_bytes(), given.busybox.read_bytes(), program.read_bytes())
        first.write_bytes(archive(contents(machine, *parts)))
        options = ("-smp", "2", "-m", "1024", "-nographic", "-no-reboot", "-nic", "none")
        boot = ("-kernel", str(given.kernel), "-initrd", str(first))
        line = f"console={console} quiet panic=-1"
        log = called(*emulator.split(), *options, *boot, "-append", line).replace("\r", "")
    kernel = re.search(rf"(\d+\.\d+\.\S+ {given.machine})$", log, re.MULTILINE)
    results = [judged(log, variant, given.machine) for variant in VARIANTS]
    print(f"kernel {kernel[1] if kernel else 'unknown'}")
    for each in results:
        rest = {key: value for key, value in each.items() if key not in ("variant", "sensor")}
        print(f"{each['variant']:7} {each['sensor']}; {rest}")
    if given.json is not None:
        given.json.write_text(json.dumps({"kernel": kernel and kernel[1], "variants": results}))
    loaded = [each for each in results if "missing" in each]
    return int(not loaded or any(each["missing"] or each["lost"] for each in loaded))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
