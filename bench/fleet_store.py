"""What the store of the fleet costs with many images: putting them, their size, and questions.

    python -m bench.fleet_store [PATH…] [--images 10000] [--clients 8] [--store FILE|URL]
                                      [--documents 200] [--grow 100000] [--json FILE]

Each PATH is what `careen fleet index` reads (default: careen-out). Its inventories are the
seeds. A synthetic image is built on one of fifteen bases of a seed. A base has some packages at
other versions (those that the seeds have of the package, or a neighbour) and some other files; an
image changes five packages and forty files more, and one of twelve has a log4j-core of a version
drawn at random.

First `--documents` images are written as documents (CycloneDX and RBOM) and indexed by the command;
10,000 of them take 4.6 GB in $TMPDIR until then, and twenty minutes of processor time to write.
Then all images are put as values, without documents: reading them costs what the first part shows.
Questions come from `--clients` processes at once, each with a connection of its own that stays
open, one question after the other without a pause; their processor time is that of the client and
of its process of the server. With `--grow`
the images of a store in PostgreSQL are then copied by SQL until there are so many, and it is asked
again. Without `--store` the store is an SQLite file, which is removed at the end; with `--images 0`
a store that is there is asked.
"""

import argparse
import datetime as dt
import hashlib
import json
import multiprocessing
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench._grown import grow
from bench._measured import measured
from careen.errors import InputError
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.fleet.ask.answer import answer
from careen.fleet.ask.find import find_files, find_packages
from careen.fleet.ask.what import FileDigest, FileGlob, PackageRange, read_glob, read_what
from careen.fleet.prepared import PreparedImage, prepare
from careen.fleet.store.place import opened
from careen.fleet.store.port import Database
from careen.fleet.store.reader import Reader
from careen.fleet.store.writer import Writer
from careen.model.fleet.facts import FileFact, ImageFacts, Known, Usage
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Filters
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ImagePath
from careen.model.rbom import RuntimeBom
from careen.pipeline.fleet.documents import RBOM
from careen.pipeline.fleet.facts import facts_of
from careen.pipeline.fleet.images import Described, images_of, read_source
from careen.pipeline.fleet.sources import sources
from careen.rbom.store import write_rbom

GOAL_IMAGES, GOAL_INDEX, GOAL_MEDIAN, GOAL_WORST = 10_000, 180.0, 0.1, 0.5
LOG4J = [f"2.{minor}.{patch}" for minor in range(25) for patch in (0, 1)]
VARIANTS, CHANGED, OF_BASE = 15, 0.08, 200
"""Bases of each seed, the share of packages at another version in each, and files of its own."""
OWN_PACKAGES, OWN = 5, 40
"""Packages at another version, and files, that an image has for itself."""
FEWEST = 20
"""Packages of an inventory that is a seed."""
NOW = "2026-12-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Seed:
    """A real image: its facts, and its RBOM if it has one."""

    facts: ImageFacts
    bom: RuntimeBom | None


def seeds(paths: Sequence[Path]) -> list[Seed]:
    """Return the images below paths that have an inventory, each inventory once.

    Documents of one digest are joined, as in the store.
    """
    found: dict[str, list[Described]] = {}
    for source in sources(paths):
        if source.problem:
            continue
        for described in images_of(source, read_source(source)):
            found.setdefault(described.known.digests[0], []).append(described)
    out: dict[frozenset[str], Seed] = {}
    for parts in found.values():
        documents = [document for part in parts for document in part.documents]
        facts = facts_of(parts[0].known, documents)
        boms = [each.parsed for each in documents if each.kind == RBOM]
        bom = next((each for each in boms if isinstance(each, RuntimeBom)), None)
        seed = Seed(replace(facts, documents=(), findings=None), bom if facts.files else None)
        purls = frozenset(package.purl for package in facts.packages or ())
        if len(purls) >= FEWEST and (purls not in out or out[purls].bom is None):
            out[purls] = seed
    return list(out.values())


class Synthetic:
    """Images made of seeds; the same number gives the same image."""

    def __init__(self, made_of: Sequence[Seed]) -> None:
        self.seeds = made_of
        self._versions: dict[tuple[str, str], list[str]] = {}
        for seed in made_of:
            for package in seed.facts.packages or ():
                known = self._versions.setdefault((package.ecosystem.value, package.name), [])
                if package.version not in known:
                    known.append(package.version)

    def facts(self, number: int) -> ImageFacts:
        """Return an image's facts."""
        rng = random.Random(number)  # noqa: S311
        seed = self.seeds[number % len(self.seeds)]
        packages = {each.purl: each for each in self._packages(rng, seed, number)}
        renamed = {old.purl: new for old, new in self._pairs}
        usages = [(renamed[purl], use) for purl, use in seed.facts.usages if purl in renamed]
        log4j = next((purl for purl in packages if purl.startswith("pkg:maven/org.apache.l")), None)
        if log4j is not None and seed.facts.files is not None and rng.random() < 0.25:
            usages.append((log4j, Usage(Grade.EXECUTED, "default", "/usr/bin/java", (8080,))))
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        return replace(
            seed.facts,
            known=Known((f"sha256:{digest}",), (f"team{number % 300}/service{number}:1",)),
            packages=tuple(packages.values()),
            usages=tuple(usages),
            files=self._files(rng, seed, number),
        )

    def _packages(self, rng: random.Random, seed: Seed, number: int) -> Iterator[Package]:
        self._pairs: list[tuple[Package, str]] = []
        packages = seed.facts.packages or ()
        base = random.Random(self._base(number))  # noqa: S311
        own = {rng.randrange(len(packages)) for _ in range(OWN_PACKAGES)}
        for place, package in enumerate(packages):
            new = package
            if (changed := base.random() < CHANGED) or place in own:
                rng = base if changed else rng
                pool = self._versions[package.ecosystem.value, package.name]
                version = rng.choice([*pool, f"{package.version}.{rng.randrange(4)}"])
                purl = package.purl.replace(f"@{package.version}", f"@{version}")
                new = replace(package, version=version, purl=purl)
            self._pairs.append((package, new.purl))
            yield new
        if number % 12 == 0:
            version = rng.choice(LOG4J)
            purl = f"pkg:maven/org.apache.logging.log4j/log4j-core@{version}"
            record = ImagePath(f"/app/lib/log4j-core-{version}.jar")
            name = "org.apache.logging.log4j:log4j-core"
            yield Package(Ecosystem.MAVEN, name, version, purl, record, (record,))

    def _files(self, rng: random.Random, seed: Seed, number: int) -> tuple[FileFact, ...] | None:
        if seed.facts.files is None:
            return None
        files = list(seed.facts.files)
        base = random.Random(self._base(number))  # noqa: S311
        for of, chosen, length in ((self._base(number), base, OF_BASE), (number, rng, OWN)):
            start = chosen.randrange(max(1, len(files)))
            for place in range(start, min(start + length, len(files))):
                digest = hashlib.sha256(f"{of}/{place}".encode()).hexdigest()
                files[place] = replace(files[place], sha256=digest)
        return tuple(files)

    def _base(self, number: int) -> int:
        """Return the number of an image's base: a seed in one of its variants."""
        return -1 - number % (len(self.seeds) * VARIANTS)

    def write(self, number: int, folder: Path) -> int:
        """Write an image as documents; return their bytes."""
        facts = self.facts(number)
        digest, name = facts.known.digests[0], facts.known.names[0]
        inventory = Inventory({each.purl: each for each in facts.packages or ()}, {})
        folder.mkdir()
        sbom = to_cyclonedx_sbom(name, digest, inventory, created=NOW, files=False)
        (folder / "sbom.cdx.json").write_bytes(sbom)
        bom = self.seeds[number % len(self.seeds)].bom
        if bom is None:
            return len(sbom)
        image = replace(bom.image, reference=name, manifest_digest=None, config_digest=digest)
        rbom = write_rbom(replace(bom, image=image))
        (folder / "rbom.json").write_bytes(rbom)
        return len(sbom) + len(rbom)


def questions(number: int, made: Synthetic) -> list[Any]:
    """Return questions of one client, in an order of its own."""
    rng = random.Random(number)  # noqa: S311
    texts = ["**/log4j-core-2.1*.jar", "**/libssl.so*"]
    log4j = "pkg:maven/org.apache.logging.log4j/log4j-core"
    texts += [f"{log4j}<{rng.choice(LOG4J)}" for _ in range(20)]
    for _ in range(20):
        seed = rng.choice(made.seeds)
        package = rng.choice(seed.facts.packages or ())
        if package.presence is Presence.INSTALLED and package.ecosystem is not Ecosystem.GENERIC:
            word = rng.choice(("<", "<", "<="))  # the last is the whole fleet for many packages
            texts.append(package.purl.partition("@")[0] + f"{word}{package.version}")
        if seed.facts.files:
            texts.append(f"sha256:{rng.choice(seed.facts.files).sha256}")
    out = []
    for text in texts:
        try:
            out.append(read_glob(text) if text[0] == "*" else read_what(text))
        except InputError:  # a version that has no order
            continue
    rng.shuffle(out)
    return out


def client(store: str, asked: Sequence[Any], seconds: float, found: Any) -> None:
    """Ask questions for a time by one connection; put the times."""
    times: list[tuple[float, float, int]] = []
    end = time.monotonic() + seconds
    with opened(store, write=False) as database:
        while time.monotonic() < end:
            for what in asked:
                begin, before = time.monotonic(), time.process_time() + _server_cpu(database)
                rows = _answered(what, database, used=bool(len(times) % 2))
                took = time.monotonic() - begin
                cost = time.process_time() + _server_cpu(database) - before
                times.append((took, cost, rows))
    found.put(times)


def _answered(what: Any, database: Database, *, used: bool) -> int:
    """Answer a question; return how many rows the answer has."""
    assert isinstance(what, (PackageRange, FileDigest, FileGlob))
    with database.reading():
        reader = Reader(database)
        matches = (
            find_packages(what, reader)
            if isinstance(what, PackageRange)
            else find_files(what, reader)
        )
        filters = Filters(grade=Grade.EXECUTED if used else None)
        now = dt.datetime.now(dt.UTC)
        return len(answer("", matches, filters, reader, now, name_unknown=False).hits)


def _server_cpu(database: Database) -> float:
    """Return the processor time of the server's process for a connection, 0 for SQLite.

    Only root, and the server's user, may read it, and only on the server's machine.
    """
    if database.sets:
        return 0.0
    number = database.rows("SELECT pg_backend_pid()")[0][0]
    return int(Path(f"/proc/{number}/schedstat").read_text().split()[0]) / 1e9


def ask(store: str, made: Synthetic, clients: int, seconds: float) -> dict[str, float]:
    """Return the times of questions by clients at once."""
    fork = multiprocessing.get_context("fork")
    found = fork.Queue()
    processes = [
        fork.Process(target=client, args=(store, questions(number, made), seconds, found))
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    times = [each for _ in processes for each in found.get()]
    for process in processes:
        process.join()
    ordered = sorted(time for time, *_ in times)
    costs = sorted(cost for _, cost, _ in times)
    return {
        "questions": len(ordered),
        "median_ms": statistics.median(ordered) * 1000,
        "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000,
        "worst_ms": ordered[-1] * 1000,
        "cpu_median_ms": statistics.median(costs) * 1000,
        "cpu_p99_ms": costs[int(len(costs) * 0.99)] * 1000,
        "rows_median": statistics.median(rows for *_, rows in times),
        "rows_most": max(rows for *_, rows in times),
    }


_MADE: list[Synthetic] = []
"""What the processes that are forked make images of."""


def _prepared(number: int) -> tuple[PreparedImage, float]:
    """Return a synthetic image ready for the store, and the processor time of making it ready."""
    facts = _MADE[0].facts(number)
    before = time.process_time()
    image = prepare(facts)
    return image, time.process_time() - before


def put_all(store: str, made: Synthetic, images: int, jobs: int) -> dict[str, float]:
    """Put synthetic images as values.

    Processes make them and make them ready, as readers do: `ready_cpu` is that alone. `seconds` is
    the clock of all, `put_seconds` that of the one process that writes.
    """
    _MADE[:] = [made]
    ready = cpu = seconds = 0.0
    begin = time.monotonic()
    with (
        multiprocessing.get_context("fork").Pool(jobs) as pool,
        opened(store, write=True) as database,
    ):
        writer = Writer(database)
        for number, (image, cost) in enumerate(pool.imap(_prepared, range(images), chunksize=4), 1):
            start, before = time.monotonic(), time.process_time()
            writer.put(lambda image=image: image, NOW)  # type: ignore[misc]
            seconds += time.monotonic() - start
            cpu += time.process_time() - before
            ready += cost
            if number % 1000 == 0:
                print(
                    f"  {number:,} images: making ready {ready:.1f} s of processor, putting"
                    f" {cpu:.1f} s of processor, {seconds:.1f} s; load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
    return {
        "ready_cpu": ready,
        "put_cpu": cpu,
        "put_seconds": seconds,
        "seconds": time.monotonic() - begin,
    }


def sizes(store: str) -> dict[str, float]:
    """Return the store's size and rows."""
    tables = ("image", "package", "unit", "unit_package", "unit_file", "image_unit", "path", "file")
    with opened(store, write=False) as database:
        rows = {
            table: int(database.rows(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608
            for table in tables
        }
        if database.sets:
            return {**rows, "bytes": sum(each.stat().st_size for each in _files_of(store))}
        size = database.rows("SELECT pg_database_size(current_database())")[0][0]
        return {**rows, "bytes": int(size)}


def _files_of(store: str) -> list[Path]:
    return [path for end in ("", "-wal") if (path := Path(f"{store}{end}")).exists()]


def _written(folder: Path, number: int) -> int:
    return _MADE[0].write(number, folder / f"{number:05}")


def read_documents(made: Synthetic, count: int, folder: Path, jobs: int) -> dict[str, float]:
    """Index images that are written as documents, by the command in a process of its own.

    `cpu` is that of all its processes, their start included.
    """
    _MADE[:] = [made]
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        size = sum(pool.imap_unordered(partial(_written, folder), range(count), chunksize=8))
    print(f"  {count:,} images written, {size:,} bytes; load {os.getloadavg()[0]:.1f}", flush=True)
    words = ["-m", "careen", "fleet", "index", str(folder), "-q", "--store", f"{folder}.db"]
    cost = measured([sys.executable, *words], 3600.0)
    stored = sum(each.stat().st_size for each in _files_of(f"{folder}.db"))
    with opened(f"{folder}.db", write=False) as database:
        if Reader(database).count() != count:
            raise SystemExit(
                f"of {count} images with documents the store has {Reader(database).count()}"
            )
    return {
        "images": count,
        "seconds": cost.seconds,
        "cpu": cost.cpu,
        "cpu_ms_each": cost.cpu * 1000 / count,
        "peak_mb": cost.peak_mb,
        "document_bytes": size,
        "store_bytes": stored,
        "load": os.getloadavg()[0],
    }


def grown(store: str, made: Synthetic, given: argparse.Namespace) -> dict[str, Any]:
    """Copy the images of a store until there are `--grow`; return its size and its answers."""
    begin = time.monotonic()
    with opened(store, write=True) as database:
        grow(database, given.grow)
    figures: dict[str, Any] = {"seconds": time.monotonic() - begin, "sizes": sizes(store)}
    print("grown", figures, flush=True)
    for clients in (1, given.clients):
        figures[f"ask_{clients}"] = ask(store, made, clients, given.seconds)
        print(clients, "clients", figures[f"ask_{clients}"], flush=True)
    return figures


def main() -> int:
    """Run the benchmark; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("reports", nargs="*", type=Path, default=[Path("careen-out")])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--grow", type=int, default=0)
    parser.add_argument("--store", default="")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    made = Synthetic(seeds([path for path in given.reports if path.exists()]))
    if not made.seeds:
        raise SystemExit("no report directory of careen with an inventory: name some")
    print(
        f"seeds: {len(made.seeds)} images, {sum(1 for each in made.seeds if each.bom)} with an RBOM"
    )
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as scratch:
        store = given.store or str(Path(scratch) / "fleet.db")
        figures: dict[str, Any] = {"load_before": os.getloadavg()}
        if given.documents:
            folder = Path(scratch) / "documents"
            folder.mkdir()
            figures["documents"] = read_documents(made, given.documents, folder, given.jobs)
            print("documents", figures["documents"], flush=True)
            shutil.rmtree(folder)  # 10,000 are 4.6 GB
        figures["put"] = (
            put_all(store, made, given.images, given.jobs) if given.images else {"put_seconds": 0.0}
        )
        figures["sizes"] = sizes(store)
        print("put", figures["put"], "\nsizes", figures["sizes"], flush=True)
        for clients in (1, given.clients):
            figures[f"ask_{clients}"] = ask(store, made, clients, given.seconds)
            print(clients, "clients", figures[f"ask_{clients}"], flush=True)
        if given.grow:
            figures["grown"] = grown(store, made, given)
        figures["load_after"] = os.getloadavg()
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
    asked = figures[f"ask_{given.clients}"]
    missed = (
        figures["put"]["put_seconds"] > GOAL_INDEX
        or (given.documents >= GOAL_IMAGES and figures["documents"]["seconds"] > GOAL_INDEX)
        or asked["median_ms"] > GOAL_MEDIAN * 1000
        or asked["p99_ms"] > GOAL_WORST * 1000
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
