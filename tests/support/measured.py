"""What reading an image costs: run as a program, which opens the layout, takes inventory, and
prints one line of JSON.
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from careen.errors import CareenError
from careen.inventory.scan import scan, scan_contents
from careen.oci.open import open_image
from careen.oci.reference import OciLayout


def held(scratch: str) -> int:
    """Return the bytes on disk of the open files in a folder, unlinked ones included."""
    total = 0
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 — names are enough
        with suppress(OSError):
            # the text of the link, not a path
            if os.readlink(f"/proc/self/fd/{number}").startswith(scratch):  # noqa: PTH115
                total += os.fstat(int(number)).st_blocks * 512
    return total


def peak_memory() -> int:
    """Return the peak of this program's memory. `ru_maxrss` would begin with that of the process
    that started it.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main(layout: Path, scratch: Path) -> dict[str, object]:
    peak = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], held(str(scratch)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    error, begun = "", time.monotonic()
    try:
        with open_image(OciLayout(layout), None, scratch) as image:
            rootfs = image.rootfs()
            scan_contents(rootfs, scan(rootfs))
            peak[0] = max(peak[0], held(str(scratch)))
    except CareenError as refusal:
        error = str(refusal)
    seconds = time.monotonic() - begun
    done.set()
    watcher.join()
    return {"memory": peak_memory(), "disk": peak[0], "seconds": round(seconds, 1), "error": error}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201 — a program
