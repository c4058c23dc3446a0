"""Debian with Python for amd64 and arm64 in one index with attestations: hardened natively and by
qemu-user, beside each other.

    python -m bench.platforms [--root ARCH=FILE.tar …] [--engine NAME] [--patch] [--json FILE]

Needs root, mmdebstrap with arch-test, and a handler of binfmt_misc for arm64 (`careen doctor`).
mmdebstrap takes minutes for arm64; --root takes the tar of a root that is there already. The image
serves a directory with Python's http.server, and the tests ask for three of its files. With --patch
the roots have apt and state old versions of two packages, and are patched first (advisory database,
network).
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench._measured import CHECKOUT
from bench._room import room
from careen.advisories.matching.location import default_database
from careen.engines.runnable import Runs, support
from careen.model.image import Platform
from careen.tools.binfmt import handlers
from careen.tools.process import run
from tests.support.images import MEDIA, finish, put, put_image
from tests.support.platform_index import put_attestation

ARCHITECTURES = ("amd64", "arm64")
PACKAGES = "python3"
# Their database names a version that Debian 13 began with, so the package manager has an upgrade.
OLD = {"libssl3t64": "3.5.1-1", "libexpat1": "2.7.1-1"}
LIMIT = 3000.0
NEEDED = 4 << 30
CONFIG: Mapping[str, Any] = {
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    "Entrypoint": ["python3", "-m", "http.server", "8000", "--directory", "/usr/share"],
    "ExposedPorts": {"8000/tcp": {}},
}
TESTS = (
    'curl -fsS "$BASE_URL/common-licenses/GPL-3" | grep -q GNU',
    'curl -fsS "$BASE_URL/python3/debian_defaults" | grep -q default-version',
    'curl -fsS -o /dev/null -w "%{http_code}" "$BASE_URL/nothing" | grep -q 404',
)


def require(*programs: str, patch: bool) -> None:
    """Raise SystemExit if something is missing that is asked for after minutes of work."""
    for program in programs:
        if shutil.which(program) is None:
            raise SystemExit(f"{program}: not installed")
    for architecture in ARCHITECTURES:
        found = support(Platform("linux", architecture), handlers())
        if found.runs is Runs.NOT:
            raise SystemExit(f"linux/{architecture}: {found.why}; {found.remedy}")
    if patch and not default_database().is_file():
        raise SystemExit(f"--patch: no advisory database at {default_database()}; set CAREEN_DB")


def called(*words: str, limit: float = LIMIT) -> str:
    """Run a program to its end and return what it printed."""
    done = run(words, timeout=limit, cwd=str(CHECKOUT))
    if done.status != 0:
        raise SystemExit(f"{words[0]}: {done.complaint}")
    return done.text


def made_root(architecture: str, folder: Path, *, stale: bool) -> Path:
    """Make a Debian root with mmdebstrap; a `stale` one has apt, and upgrades to install."""
    target = folder / f"{architecture}.tar"
    words = [f"--architectures={architecture}", f"--include={PACKAGES}"]
    words += ["--variant=apt" if stale else "--variant=essential"]
    if stale:
        script = ";".join(
            f"/^Package: {name}$/,/^$/s/^Version: .*/Version: {old}/" for name, old in OLD.items()
        )
        words.append(f"--customize-hook=sed -i '{script}' \"$1/var/lib/dpkg/status\"")
    called("mmdebstrap", "--quiet", *words, "trixie", str(target))
    return target


def made_index(folder: Path, roots: Mapping[str, Path]) -> Path:
    """Write an index of one image for each root, each with an attestation."""
    layout = folder / "index"
    images = [
        put_image(
            layout,
            [root.read_bytes()],
            config={"architecture": architecture, "config": CONFIG},
            platform={"architecture": architecture, "os": "linux"},
        )
        for architecture, root in roots.items()
    ]
    index = {
        "schemaVersion": 2,
        "mediaType": MEDIA + "index.v1+json",
        "manifests": [*images, *(put_attestation(layout, one) for one in images)],
    }
    return finish(layout, [put(layout, json.dumps(index).encode(), MEDIA + "index.v1+json")])


def main(words: list[str]) -> int:
    """Harden the index and print what was made of each platform."""
    parser = argparse.ArgumentParser(prog="bench.platforms")
    parser.add_argument("--root", action="append", default=[], metavar="ARCH=FILE.tar")
    parser.add_argument("--engine", default="embedded")
    parser.add_argument("--patch", action="store_true", help="upgrade vulnerable packages first")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(words)
    there = {name: Path(path) for name, _, path in (item.partition("=") for item in given.root)}
    made_here = ("mmdebstrap", "arch-test") if there.keys() < set(ARCHITECTURES) else ()
    require("skopeo", "curl", *made_here, patch=given.patch)
    with room(NEEDED) as scratch:
        seconds: dict[str, float] = {}
        roots: dict[str, Path] = {}
        for each in ARCHITECTURES:
            begun = time.monotonic()
            roots[each] = there.get(each) or made_root(each, scratch, stale=given.patch)
            seconds[each] = time.monotonic() - begun
        index = made_index(scratch, roots)
        tests = [word for test in TESTS for word in ("--test", test)]
        target = ("-o", f"oci:{scratch}/new", "--report-dir", f"{scratch}/report")
        run_by = ("--engine", given.engine, "--work-dir", f"{scratch}/work")
        argv = (sys.executable, "-m", "careen", "harden", f"oci:{index}", "--platform", "all")
        patch = ("--patch",) if given.patch else ()
        document = json.loads(called(*argv, *target, *run_by, *tests, *patch, "--json"))
        called("skopeo", "copy", "--quiet", "--all", f"oci:{scratch}/new", f"dir:{scratch}/copy")
    for each in document["platforms"]:
        stages = each["summary"]["seconds"]
        print(
            f"{each['platform']:12} {each['made']:9} {each['original_bytes'] / 1e6:7.1f} MB →"
            f" {each['bytes'] / 1e6:6.1f} MB, profile {stages['profile']:.1f} s, verify"
            f" {stages['verify']:.1f} s, in all {stages['total']:.1f} s; attestations"
            f" {each['attestations']['original']} → {each['attestations']['carried']}"
        )
        for upgrade in _upgrades(each):
            print(f"{'':12} {upgrade['name']} {upgrade['from']} → {upgrade['to']}")
    print(f"in all {document['seconds']:.1f} s; {document['digest']}")
    if given.json is not None:
        given.json.write_text(json.dumps({"roots": seconds, "result": document}))
    made = {each["platform"]: each["made"] for each in document["platforms"]}
    as_wished = made == {"linux/amd64": "native", "linux/arm64": "emulated"}
    if given.patch:
        as_wished = as_wished and all(map(_upgrades, document["platforms"]))
    return 0 if as_wished else 1


def _upgrades(platform: Mapping[str, Any]) -> list[Mapping[str, str]]:
    return list((platform["summary"].get("patched") or {}).get("upgrades", ()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
