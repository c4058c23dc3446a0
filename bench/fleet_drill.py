"""A drill: twelve images, a made-up flaw in log4j-core, and what careen makes of them.

    python -m bench.fleet_drill [--only NAME,…] [--json FILE]

Needs root, docker and the package sources of Debian and PyPI. Each image is built and
hardened before the flaw is known. Then an advisory appears in a feed, and careen imports it, asks
the store of the fleet, opens an incident and runs it. The fix lies in a Maven folder: Debian's
log4j with another version. Where nothing uses the jar, careen removes it. Printed are the seconds
of each stage by the clock, those of careen's own processes (user and system; the containers are
docker's), the load, and how each image ended. The images are removed at the end.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench._room import room
from bench.drill.images import BASE, IMAGES, NAME, Drilled, advisory, build, build_base, make_parts
from bench.drill.jars import JDK, fetch_log4j, publish_fix
from careen.tools.process import run
from tests.support.feeds import write_feeds

CVE = "CVE-2099-1001"
LIMIT = 3000.0
NEEDED = 6 << 30
LISTENS = {True: "yes", False: "no", None: "not known"}


@dataclass(slots=True)
class Drill:
    """The folder of the drill, and the seconds of its stages."""

    folder: Path
    images: tuple[Drilled, ...] = IMAGES
    seconds: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage, and print it."""
        begun, used = time.monotonic(), _processor()
        yield
        self.seconds[name] = time.monotonic() - begun
        self.processor[name] = _processor() - used
        times = f"{self.seconds[name]:8.1f} s, {self.processor[name]:6.1f} s of processors"
        print(f"{times}  {name} (load {os.getloadavg()[0]:.1f})", flush=True)

    def careen(self, *words: str, statuses: tuple[int, ...] = (0,)) -> str:
        """Run careen with places of its own and return what it printed."""
        places = {
            "CAREEN_DB": "advisories.db",
            "CAREEN_FLEET": "fleet.db",
            "CAREEN_HISTORY": "history",
            "CAREEN_WORKDIR": "work",
            "CAREEN_CACHE": "cache",
        }
        env = os.environ | {name: str(self.folder / place) for name, place in places.items()}
        argv = (sys.executable, "-m", "careen", *words)
        done = run(argv, timeout=LIMIT, env=env, cwd=str(self.folder))
        if done.status not in statuses:
            raise SystemExit(f"careen {' '.join(words)}: status {done.status}: {done.complaint}")
        return done.text

    def advise(self, name: str, *records: Mapping[str, Any]) -> None:
        """Write a feed with these records and import it."""
        feeds = write_feeds(self.folder / name)
        tracker = (feeds / "one").read_text().replace("bookworm", "trixie")  # the base's release
        (feeds / "one").write_text(tracker)
        (feeds / "maven").write_text("".join(json.dumps(record) + "\n" for record in records))
        self.careen("db", "import", str(feeds), "-q")


def _processor() -> float:
    """Return the processor time of all programs that were run and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def prepare(drill: Drill) -> None:
    """Build the images, the Maven folder with the fix, and the list."""
    folder = drill.folder
    jars = fetch_log4j(folder / "log4j")
    (folder / "fixed").mkdir()
    publish_fix(folder / "maven", jars, folder / "fixed")
    make_parts(folder / "parts", jars)
    build_base()
    entries = []
    for image in drill.images:
        build(image, folder / "parts")
        (folder / image.name).mkdir()
        (folder / image.name / "careen.toml").write_text(image.config())
        entries.append(
            f'[[image]]\nsource = "{image.source}"\ntag = "{image.tag}"\n'
            f'config = "{image.name}/careen.toml"\n'
        )
    (folder / "images.toml").write_text("".join(entries))


def harden(drill: Drill) -> None:
    """Make the first result of each image, before the flaw is known."""
    drill.advise("feeds-before", advisory("CVE-2099-1000", "an-unrelated-artifact"))
    for number, image in enumerate(drill.images):
        with drill.stage(f"first result of {image.name}"):
            drill.careen("fleet", "work", "images.toml", "--index", str(number), "-q")


def answer(drill: Drill) -> Mapping[str, Any]:
    """From the feed to the last image: the answer to the flaw. Return the incident."""
    with drill.stage("feed: db import"):
        flaw, other = advisory(CVE), advisory("CVE-2099-1000", "an-unrelated-artifact")
        drill.advise("feeds-after", other, flaw)
    with drill.stage("question: fleet who-has"):
        found = drill.careen("fleet", "who-has", CVE)
    print(found.partition("Notes")[0])
    with drill.stage("plan: fleet incident open"):
        drill.careen("fleet", "incident", "open", CVE, "images.toml", "-q")
    print(drill.careen("fleet", "incident", "run", CVE, "images.toml", "--dry-run"))
    words = ("incident", "run", CVE, "images.toml", "--max-failures", "99", "--json")
    with drill.stage("fleet incident run: patch or remove, harden, verify, promote"):
        text = drill.careen("fleet", *words, statuses=(0, 1, 2, 3))
    with drill.stage("fleet incident run again: nothing has changed"):
        drill.careen("fleet", *words, statuses=(0, 1, 2, 3))
    done: Mapping[str, Any] = json.loads(text)
    return done


def ended(drill: Drill, incident: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Print a line for each image; return what is in them."""
    by_tag = {image["tag"]: image for image in incident["images"]}
    rows = []
    for image in drill.images:
        one = by_tag.get(image.tag)
        rows.append(
            {
                "image": image.name,
                "what": image.what,
                "use": one["use"] if one else "-",
                "listens": LISTENS[one["listens"]] if one else "-",
                "fix": one["fix"] if one else "-",
                "state": one["standing"] if one else "clean",
                "vex": one["vex"] if one else "-",
                "reason": one["detail"] if one else "log4j-core is not in its result",
                "seconds": one["seconds"] if one else 0,
                "expected": image.expected,
            }
        )
    for row in sorted(rows, key=lambda row: row["state"] == "clean"):
        print(
            f"{row['image']:8} {row['what']:40} {row['use']:9} {row['listens']:9}"
            f" {row['fix']:7} {row['state']:6} {row['vex']:40} {row['seconds']:6.1f} s "
            f" {row['reason']}"
        )
    return rows


def remove_images() -> None:
    """Remove what the drill built and what careen made of it, earlier results included."""
    names = [name for image in IMAGES for name in (image.tag, image.source)]
    run(["docker", "image", "rm", "--force", *names, BASE, JDK], timeout=300)
    listed = ["docker", "image", "ls", "--quiet", "--no-trunc", "--filter", f"label={NAME}"]
    if earlier := run(listed, timeout=300).text.split():  # a promoted result took their name
        run(["docker", "image", "rm", "--force", *dict.fromkeys(earlier)], timeout=300)


def main() -> int:
    """Run the drill; exit 1 when an image did not end as it has to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", metavar="NAME,…", help="some of the images")
    options = parser.parse_args()
    wanted = (options.only or ",".join(image.name for image in IMAGES)).split(",")
    with room(NEEDED) as folder:
        drill = Drill(folder, tuple(image for image in IMAGES if image.name in wanted))
        try:
            with drill.stage("build"):
                prepare(drill)
            harden(drill)
            with drill.stage("fleet index"):
                print(drill.careen("fleet", "index", "careen-fleet"))
            rows = ended(drill, answer(drill))
        finally:
            remove_images()
    if options.json is not None:
        figures = {"seconds": drill.seconds, "processor": drill.processor, "images": rows}
        options.json.write_text(json.dumps(figures) + "\n")
    wrong = [row for row in rows if row["state"] != row["expected"]]
    for row in wrong:
        print(f"{row['image']}: {row['state']}, not {row['expected']}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
