"""What careen finds in an image beside what syft finds, and what both cost.

    python -m bench.inventory_vs_syft [IMAGE] [--all] [--syft FILE] [--json FILE]

IMAGE is what careen takes (a name in docker's store, docker-archive:FILE, oci:DIR,
oci-archive:FILE; default wl/embed:cpu), or dir:DIR, a root file system on disk that is packed as an
image of one layer first. Takes the syft of the development environment or on PATH, unless --syft
names one.

A package is the same where ecosystem, name and version are. The table counts, per ecosystem: in
both, in both with another version, only in syft, only in careen. What differs is listed with where
syft found it; --all lists what careen found beyond, too. Status 1 when syft found a package that
careen did not, unless `EXPLAINED` says why syft is wrong there.
"""

import argparse
import io
import json
import re
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packageurl import PackageURL

from bench._embed import IMAGE
from bench._measured import Cost, measured
from bench._room import room, settle
from careen.oci.reference import DockerArchive, EngineImage, OciArchive, OciLayout, parse_reference

LIMIT = 1800.0
SYFT = Path(sys.executable).parent / "syft"  # as scripts/setup.sh installs it
SPACED = ("npm", "golang", "maven")

EXPLAINED: tuple[tuple[str, str, str], ...] = (
    # ecosystem, regular expression of the name, why what syft says is no package of the image
    (
        "rpm",
        "gpg-pubkey",
        "a key that rpm trusts: an entry of its database that is no package and installs nothing",
    ),
    (
        "nuget",
        "Simple Launcher",
        (
            "the version resource of distlib's launchers for Windows, which pip holds: no NuGet"
            " package, and nothing that runs here"
        ),
    ),
)


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """A package as both can name it."""

    ecosystem: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.ecosystem:8} {self.name} {self.version}"


def item(ecosystem: str, name: str, version: str) -> Item:
    """Bring names to one spelling: PyPI's normalised one, the lower case of Go modules, a Go
    version without `go` before it.
    """
    if ecosystem == "pypi":
        name = re.sub(r"[-_.]+", "-", name).lower()
    if ecosystem == "golang":
        name, version = name.lower(), version.removeprefix("go")
    return Item(ecosystem, name, version)


def of_syft(document: Mapping[str, Any]) -> dict[Item, list[str]]:
    """Return syft's packages with the paths where it found each."""
    out: dict[Item, list[str]] = defaultdict(list)
    for artifact in document["artifacts"]:
        name, kind = str(artifact["name"]), str(artifact["type"])
        if artifact.get("purl"):
            url = PackageURL.from_string(artifact["purl"])
            kind = url.type
            name = f"{url.namespace}/{url.name}" if url.namespace and kind in SPACED else url.name
            if kind == "golang" and url.subpath:  # syft cuts a module's path after its third part
                name = f"{name}/{url.subpath}".removesuffix(
                    f"/cmd/{url.subpath.rpartition('/')[2]}"
                )
        out[item(kind, name, str(artifact["version"]))].extend(
            str(place["path"]) for place in artifact.get("locations", ())
        )
    return dict(out)


def of_careen(document: Mapping[str, Any]) -> dict[Item, list[str]]:
    """Return careen's packages with the records of each."""
    out: dict[Item, list[str]] = defaultdict(list)
    for ecosystem, name, version, record, _, evidence in document["packages"]:
        out[item(ecosystem, name, version)].append(f"{record} ({evidence})" if evidence else record)
    return dict(out)


def compared(ours: Mapping[Item, list[str]], theirs: Mapping[Item, list[str]]) -> dict[str, Any]:
    """Sort packages into the four classes, per ecosystem, and list what differs."""
    missing = sorted(set(theirs) - set(ours))
    beyond = sorted(set(ours) - set(theirs))
    versions: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mine in beyond:
        versions[mine.ecosystem, mine.name].add(mine.version)
    other = [one for one in missing if (one.ecosystem, one.name) in versions]
    answered = {(one.ecosystem, one.name) for one in other}
    alone = [one for one in missing if one not in set(other)]
    further = [one for one in beyond if (one.ecosystem, one.name) not in answered]
    rows = {
        ecosystem: {
            "both": sum(one.ecosystem == ecosystem for one in set(ours) & set(theirs)),
            "version_differs": sum(one.ecosystem == ecosystem for one in other),
            "only_syft": sum(one.ecosystem == ecosystem for one in alone),
            "only_careen": sum(one.ecosystem == ecosystem for one in further),
        }
        for ecosystem in sorted({one.ecosystem for one in (*ours, *theirs)})
    }
    return {
        "rows": rows,
        "version_differs": [
            [str(one), sorted(versions[one.ecosystem, one.name]), theirs[one][:3]] for one in other
        ],
        "only_syft": [[str(one), _explained(one), theirs[one][:3]] for one in alone],
        "only_careen": [[str(one), ours[one][:3]] for one in further],
    }


def _explained(one: Item) -> str:
    return next(
        (
            why
            for ecosystem, name, why in EXPLAINED
            if ecosystem == one.ecosystem and re.fullmatch(name, one.name)
        ),
        "",
    )


def pack(directory: Path, archive: Path) -> None:
    """Write a docker archive of one layer with what is in `directory`."""
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        tar.add(
            directory,
            arcname=".",
            filter=lambda info: (
                info if info.isreg() or info.isdir() or info.issym() or info.islnk() else None
            ),
        )
    digest = measured(["sha256sum", str(layer)], LIMIT).output.split()[0]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": ["bench:dir"], "Layers": ["layer.tar"]}]
    with tarfile.open(archive, "w") as tar:
        tar.add(layer, arcname="layer.tar")
        for name, value in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(value).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    layer.unlink()


def on_disk(image: str, scratch: Path) -> tuple[str, str, Path]:
    """Return the image as careen and as syft name it, saved to a file if it was none, and the path
    that holds it.
    """
    if image.startswith("dir:"):
        pack(Path(image.removeprefix("dir:")), scratch / "image.tar")
        return (
            f"docker-archive:{scratch / 'image.tar'}",
            f"docker-archive:{scratch / 'image.tar'}",
            scratch / "image.tar",
        )
    match parse_reference(image):
        case EngineImage(name):
            measured(["docker", "save", "-o", str(scratch / "image.tar"), name], LIMIT)
            return (
                f"docker-archive:{scratch / 'image.tar'}",
                f"docker-archive:{scratch / 'image.tar'}",
                scratch / "image.tar",
            )
        case DockerArchive(path, _):
            return image, f"docker-archive:{path}", path
        case OciLayout(path, _):
            return image, f"oci-dir:{path}", path
        case OciArchive(path, _):
            return image, f"oci-archive:{path}", path
    message = f"{image}: not in docker's store and no file"
    raise SystemExit(message)


def show(found: Mapping[str, Any], *, everything: bool) -> None:
    """Print the table and what differs."""
    print(
        f"{'ecosystem':12} {'both':>6} {'version differs':>16} {'only syft':>10}"
        f" {'only careen':>12}"
    )
    for ecosystem, row in found["rows"].items():
        print(
            f"{ecosystem:12} {row['both']:6} {row['version_differs']:16} {row['only_syft']:10}"
            f" {row['only_careen']:12}"
        )
    _list(
        "version differs",
        (
            f"{one}, careen: {', '.join(versions)}  [{', '.join(places)}]"
            for one, versions, places in found["version_differs"]
        ),
    )
    _list(
        "only syft",
        (
            f"{one}  [{', '.join(places)}]{f': {why}' if why else ''}"
            for one, why, places in found["only_syft"]
        ),
    )
    if everything:
        _list(
            "only careen", (f"{one}  [{', '.join(places)}]" for one, places in found["only_careen"])
        )
    _list("careen could not read", (f"{path}: {reason}" for path, reason in found["unknowns"]))
    ours, theirs = found["careen"], found["syft"]
    for name, cost in (("careen", ours), ("syft", theirs)):
        print(
            f"{name:7} {cost['seconds']:7.1f} s  {cost['cpu']:7.1f} s of processor  peak"
            f" {cost['peak_mb']:6.0f} MB"
        )
    seconds, cpu, peak = (ours[key] / theirs[key] for key in ("seconds", "cpu", "peak_mb"))
    print(f"ratio   {seconds:7.2f}    {cpu:7.2f}                    {peak:6.2f}")


def _list(title: str, lines: Iterable[str], limit: int = 200) -> None:
    for number, line in enumerate(lines):
        if number == 0:
            print(f"-- {title}")
        if number == limit:
            print("   …")
            return
        print(f"   {line}")


def _cost(cost: Cost) -> dict[str, float]:
    return {"seconds": cost.seconds, "cpu": cost.cpu, "peak_mb": cost.peak_mb}


def main() -> int:
    """Run both, compare, print, write JSON; return the status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image", nargs="?", default=IMAGE)
    parser.add_argument("--all", action="store_true", help="list what only careen finds, too")
    parser.add_argument(
        "--syft", default=str(SYFT) if SYFT.is_file() else "syft", help="the program"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with room(4 << 30) as scratch:
        ours, theirs, path = on_disk(options.image, scratch)
        if path.is_file():
            settle(path)
        listed = scratch / "syft.json"
        their_cost = measured(
            [options.syft, "scan", "-q", "-o", f"syft-json={listed}", theirs], LIMIT
        )
        their_document = json.loads(listed.read_bytes())
        (scratch / "careen").mkdir()
        our_cost = measured(
            [sys.executable, "-m", "bench._inventory", ours, str(scratch / "careen")], LIMIT
        )
    our_document = json.loads(our_cost.output.splitlines()[-1])
    found = {
        "image": options.image,
        **compared(of_careen(our_document), of_syft(their_document)),
        "unknowns": our_document["unknowns"],
        "markers": our_document["markers"],
        "models": our_document["models"],
        "careen": _cost(our_cost),
        "syft": _cost(their_cost),
    }
    show(found, everything=options.all)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    return 1 if found["version_differs"] or any(not why for _, why, _ in found["only_syft"]) else 0


if __name__ == "__main__":
    sys.exit(main())
