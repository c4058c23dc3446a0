"""What a pass of `careen watch` over many images takes when nothing has changed, and when the
advisories alone have.

    python -m bench.watch_unchanged [--images 50] [--packages 400] [--rounds 3] [--json FILE]

Needs docker and skopeo. Two fifths of the images are names in docker's store, as many are archives,
the rest lie in a registry that this program serves. Their states are those that a pass leaves which
hardened each of them, with an inventory of so many packages. A round runs the command twice: with
nothing changed, and with another advisory database. The figures are medians; processor time is that
of careen and the programs that it starts, without the daemon.
"""

import argparse
import http.server
import json
import statistics
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._measured import Cost, measured
from bench._room import room
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.pipeline.db import import_into
from careen.pipeline.watching.image_list import Watched, load_list
from careen.pipeline.watching.inputs import DatabaseFingerprints, configuration_of
from careen.pipeline.watching.inventory import keep_inventory
from careen.pipeline.watching.state import ImageState, Upstream, write_state
from careen.pipeline.watching.upstream import ask_upstream, result_in_store
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.progress import SilentProgress
from careen.tools.process import check, run

NAME = "careen-bench-watch"
BOUND = 10.0
LIMIT = 600.0
MANIFEST = (
    b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}'
)


class _Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer every request with the same manifest."""
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.oci.image.index.v1+json")
        self.end_headers()
        self.wfile.write(MANIFEST)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def registry() -> Iterator[str]:
    """Serve a registry on a free port of this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Registry) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def names(count: int) -> Iterator[None]:
    """Names of one small image in docker's store, for sources and results, removed at the end."""
    first, *others = [
        f"{NAME}:{number}{suffix}" for number in range(count) for suffix in ("", "-hardened")
    ]
    with tempfile.TemporaryFile() as data:
        with tarfile.open(fileobj=data, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("empty"))
        data.seek(0)
        check(["docker", "import", "-", first], timeout=LIMIT, stdin=data, doing="making an image")
    try:
        for name in others:
            check(["docker", "tag", first, name], timeout=LIMIT, doing="naming an image")
        yield
    finally:
        run(["docker", "image", "rm", first, *others], timeout=LIMIT)


def write_list(folder: Path, count: int, host: str) -> Path:
    """Write the list, a careen.toml for each image, and the archives."""
    entries = []
    for number in range(count):
        kind = number % 5
        if kind in {2, 3}:
            (folder / f"{number}.tar").write_bytes(b"%d" % number * 4096)
        source = (
            f"docker-archive:{number}.tar"
            if kind in {2, 3}
            else f"docker://{host}/team/web:{number}"
            if kind == 4
            else f"{NAME}:{number}"
        )
        (folder / f"{number}.toml").write_text(
            f'level = "closure"\nkeep = ["/opt/{number}"]\n[workload.serve]\nready ='
            ' "/health"\ntest = "pytest -q smoke"\n'
        )
        entries.append(
            f'[[image]]\nsource = "{source}"\ntag = "{NAME}:{number}-hardened"\nconfig ='
            f' "{number}.toml"\n'
        )
    path = folder / "images.toml"
    path.write_text("".join(entries))
    return path


def advise(folder: Path, minute: int, packages: int) -> Path:
    """Make a database with one advisory, without a fix, for every second package."""
    feeds = folder / f"feeds{minute}"
    feeds.mkdir()
    with (feeds / "one").open("w") as out:
        for number in range(0, packages, 2):
            affected = {
                "package": {"ecosystem": "PyPI", "name": f"package-{number}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
            out.write(
                json.dumps(
                    {
                        "id": f"PYSEC-2026-{number}",
                        "modified": f"2026-01-01T00:{minute:02d}:00Z",
                        "affected": [affected],
                    }
                )
                + "\n"
            )
    database = folder / f"{minute}.db"
    import_into(feeds, database, SilentProgress(), smaller=False)
    return database


def leave_states(images: tuple[Watched, ...], state: Path, database: Path, packages: int) -> None:
    """Write what a pass leaves that hardened every image just now."""
    purls = [f"pkg:pypi/package-{number}@1.{number}" for number in range(packages)]
    held = {
        purl: Package(
            Ecosystem.PYPI, f"package-{n}", f"1.{n}", purl, ImagePath(f"/lib/{n}/METADATA"), ()
        )
        for n, purl in enumerate(purls)
    }
    judges = DatabaseFingerprints()
    for watched in images:
        result = result_in_store(watched.tag)
        keep_inventory(
            state,
            result,
            to_cyclonedx_sbom(watched.tag, "", Inventory(held, {}), created="2026-01-01T00:00:00Z"),
        )
        configuration, _ = configuration_of(watched)
        upstream = ask_upstream(watched, Upstream(""), Skopeo())
        write_state(
            state,
            watched.key,
            ImageState(
                watched.tag,
                upstream,
                configuration,
                judges.of(database, watched),
                result,
                hardened="2026-01-01T00:00:00Z",
            ),
        )


def once(path: Path, database: Path, deed: str) -> Cost:
    """Run the command; every image must be as `deed` says."""
    cost = measured(
        [sys.executable, "-m", "careen", "watch", str(path), "--db", str(database), "--json"], LIMIT
    )
    found = {image["deed"] for image in json.loads(cost.output)["images"]}
    if found != {deed}:
        message = f"expected every image to be {deed}, got {', '.join(sorted(found))}"
        raise SystemExit(message)
    return cost


def measure(count: int, packages: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return seconds, processor seconds and peak memory of both kinds of pass."""
    unchanged: list[Cost] = []
    judged: list[Cost] = []
    with room(1 << 28) as folder, registry() as host, names(count):
        path = write_list(folder, count, host)
        images = load_list(path)
        first, second = advise(folder, 1, packages), advise(folder, 2, packages)
        for _ in range(rounds):
            leave_states(images, folder / "careen-watch", first, packages)
            unchanged.append(once(path, first, "unchanged"))
            judged.append(once(path, second, "noted"))
    return {
        name: figures(costs) for name, costs in (("unchanged", unchanged), ("advisories", judged))
    }


def figures(costs: list[Cost]) -> dict[str, float]:
    """Return the medians."""
    return {
        name: statistics.median(getattr(cost, name) for cost in costs)
        for name in ("seconds", "cpu", "peak_mb")
    }


def main() -> int:
    """Measure, print, write JSON; exit 1 when a pass over unchanged images takes longer than
    BOUND.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--packages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options.images, options.packages, options.rounds)
    for name, one in found.items():
        print(
            f"{name:12} {options.images} images: {one['seconds']:.2f} s, {one['cpu']:.2f} s of"
            f" processor time, {one['peak_mb']:.0f} MB"
        )
    if options.json is not None:
        options.json.write_text(
            json.dumps({"images": options.images, "packages": options.packages, **found}, indent=2)
            + "\n"
        )
    return 0 if found["unchanged"]["seconds"] <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
