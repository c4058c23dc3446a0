"""Images for the tests of the fleet: facts made by hand, and documents as tools write them."""

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.fleet.ask.what import What, read_glob, read_what
from careen.inventory.index import write_index
from careen.model.entry import Entry, EntryKind
from careen.model.fleet.facts import Known
from careen.model.fleet.question import Answer, Filters
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ROOT, ImagePath
from careen.model.rbom import FileUse, ImageRef, RuntimeBom, UsedFile
from careen.model.runs.trace import Endpoint, Use
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.fleet.gathering import Gathering, IsKnown
from careen.pipeline.fleet.images import Content, Found
from careen.pipeline.fleet.index import index
from careen.pipeline.fleet.sources import Source
from careen.pipeline.fleet.trust import Trust
from careen.pipeline.fleet.who_has import who_has
from careen.rbom.store import write_rbom
from careen.report.terminal_output.progress import SilentProgress
from tests.support.boms import RUN, SERVING

LOG4J = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
JAVA = "/usr/bin/java"


def digest(number: int) -> str:
    """Return the digest of an image."""
    return f"sha256:{number:064x}"


def sbom(number: int, purls: Iterable[str | Mapping[str, Any]], **metadata: Any) -> bytes:
    """Return a CycloneDX SBOM of an image with packages, by purl or as whole components."""
    components = [
        {"type": "library", "name": each.rpartition("/")[2].partition("@")[0], "purl": each}
        if isinstance(each, str)
        else dict(each)
        for each in purls
    ]
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": {
                "timestamp": "2026-11-01T00:00:00Z",
                "component": {
                    "type": "container",
                    "name": f"shop/app:{number}",
                    "version": digest(number),
                },
                **metadata,
            },
            "components": components,
        }
    ).encode()


def scan(number: int, day: str, findings: Iterable[tuple[str, str, str]]) -> bytes:
    """A scan of image `number`, as careen writes it: identifier, package, severity."""
    return json.dumps(
        {
            "format": "careen.scan",
            "version": 1,
            "subject": "shop/app:1",
            "digest": digest(number),
            "created": f"{day}T12:00:00Z" if day else "",
            "findings": [
                {"id": each, "package": package, "severity": severity, "tier": "present"}
                for each, package, severity in findings
            ],
        }
    ).encode()


def used(path: str, use: Use, *purls: str, program: str = JAVA, sha256: str = "") -> UsedFile:
    """Return a used file of some packages."""
    return UsedFile(
        ImagePath(path),
        EntryKind.FILE.value,
        sha256 or f"{sum(map(ord, path)):064x}",
        10,
        "sha256:" + "3" * 64,
        purls,
        (FileUse(use, SERVING, program, "web"),),
    )


def rbom(
    number: int, files: Iterable[UsedFile], ports: Iterable[tuple[int, str]] = (), **image: Any
) -> bytes:
    """Return the RBOM of an image; `ports` are pairs of a port and a program."""
    listed = tuple(sorted(files, key=lambda file: file.path))
    purls = dict.fromkeys(purl for file in listed for purl in file.packages)
    layers = image.get("layers", ("sha256:" + "3" * 64,))
    return write_rbom(
        RuntimeBom(
            image=ImageRef(f"shop/app:{number}", None, digest(number), layers, "linux/amd64"),
            runs=(RUN,),
            files=listed,
            missed=(),
            syscalls={},
            endpoints=tuple(
                Endpoint("bind", "inet", "0.0.0.0", port, SERVING, program)
                for port, program in ports
            ),
            packages={purl: (purl, "1", purl[4:].partition("/")[0]) for purl in purls},
        )
    )


def index_alone(number: int, layers: tuple[str, ...] = ()) -> bytes:
    """Return an index of an image with one package, `foo`, which was made without a scan."""
    package = Package(Ecosystem.PYPI, "foo", "1", "pkg:pypi/foo@1", ImagePath("/foo/RECORD"), ())
    ref = ImageRef(f"shop/app:{number}", None, digest(number), layers, "linux/amd64")
    root = Entry(ROOT, EntryKind.DIRECTORY, 0o755, 0, 0, 0, 0.0, 0, 1)
    rootfs = Rootfs({ROOT: root}, None)  # type: ignore[arg-type]
    return write_index(rootfs, Inventory({package.purl: package}, {}), ref)


@dataclass(frozen=True, slots=True)
class _Gathered(Gathering):
    """What was read of a registry: `ready` is asked for only if the store has it not."""

    ready: tuple[Found, ...] = ()

    def found(
        self,
        words: Sequence[str],  # noqa: ARG002
        is_known: IsKnown,
    ) -> Generator[Found, None, None]:
        """Yield it, unless it is known by its print."""
        for each in self.ready:
            source = each[0] if isinstance(each, tuple) else each
            if not (source.print and is_known(source)):
                yield each


class Fleet:
    """A store, and a folder for documents beside it."""

    def __init__(self, folder: Path, store: str = "") -> None:
        self.folder = folder / "documents"
        self.folder.mkdir(exist_ok=True)
        self.store = store or str(folder / "fleet.db")
        self.db = folder / "none.db"

    def write(self, name: str, content: bytes) -> Path:
        """Write a document."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def index(self, *paths: Path) -> Any:
        """Index paths; the folder of documents without any."""
        return index(self.store, paths or (self.folder,), SilentProgress())

    def attach(
        self,
        name: str,
        number: int,
        *documents: bytes,
        signer: str = "",
        trust: Trust | None = None,
        **source: Any,
    ) -> Any:
        """Index an image of a registry with documents that are attached to it."""
        known = Known((digest(number),), (name,), "linux/amd64", closed=True)
        files = {Path(name, str(place)): data for place, data in enumerate(documents)}
        content = Content(files, signer if trust is None else trust.signer)
        found = (Source(name, (), name=name, live=True, known=known, **source), content)
        session: Any = None
        gathered = _Gathered(session, trust, ready=(found,))
        return index(self.store, (), SilentProgress(), gathering=gathered)

    def ask(self, text: str, filters: Filters | None = None) -> Answer:
        """Ask for WHAT, or for a glob that begins with / or *."""
        what: What = read_glob(text) if text[:1] in "/*" else read_what(text)
        return who_has(self.store, (text, what), filters or Filters(), self.db)

    def grades(self, text: str, filters: Filters | None = None) -> dict[str, str]:
        """Return the grade of each hit by the image's name."""
        return {hit.name: hit.grade.value for hit in self.ask(text, filters).hits}
