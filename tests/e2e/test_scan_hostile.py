"""`careen scan` on images, databases and command lines that were made to break it: each ends in a
result that says what is not known, or in one line.
"""

import io
import json
import os
import random
import signal
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support import rpms
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.feeds import write_feeds
from tests.support.images import Item, file, layer, oci_layout

MIB = 1 << 20
DEBIAN = file(
    "etc/os-release",
    'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n',
)
ROCKY = file("etc/os-release", 'ID="rocky"\nVERSION_ID="9.3"\nPRETTY_NAME="Rocky Linux 9.3"\n')
SITE = "usr/lib/python3/dist-packages"
IDLE = (
    "Package: idle\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\nMaintainer:"
    " T <t@example.org>\nDescription: idle\n\n"
)
EVIL = "\x1b]0;pwn\x07\x1b[2J<script>alert(1)<|`x`](http:e)\u202e\u2028[x](javascript:1)@everyone#1"
FORMATS = (
    "table",
    "json",
    "sarif",
    "markdown",
    "cyclonedx",
    "cyclonedx-sbom",
    "spdx",
    "openvex",
    "cyclonedx-vex",
)


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    write_feeds(tmp_path / "feeds")
    command = Careen(tmp_path, NO_DAEMON)
    command("db", "import", "feeds")
    return command


def image(careen: Careen, *items: Item) -> str:
    oci_layout(careen.folder / "image", [layer(*items)], compression="none")
    return "oci:image"


def zipped(**members: bytes | int) -> bytes:
    """A zip archive; a number is so many bytes of zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            with archive.open(name, "w") as member:
                for _ in range((content >> 20) if isinstance(content, int) else 0):
                    member.write(bytes(MIB))
                if isinstance(content, bytes):
                    member.write(content)
    return out.getvalue()


def pom(artifact: str, above: str) -> bytes:
    parent = (
        f"<parent><groupId>g</groupId><artifactId>{above}</artifactId><version>1</version></parent>"
    )
    return f"<project>{parent}<artifactId>{artifact}</artifactId><version>${{v}}</version></project>".encode()


def test_every_trap_of_one_image_is_an_unknown_and_what_lies_beside_is_found(
    careen: Careen,
) -> None:
    cycle = {
        "META-INF/maven/g/a/pom.xml": pom("a", "b"),
        "META-INF/maven/g/b/pom.xml": pom("b", "a"),
    }
    rows = b"".join(
        b"loader/m%07d.py,sha256=%043d,1\n" % (number, number) for number in range(1_000_000)
    )
    traps = {
        "var/lib/dpkg/status": (IDLE * 2)[:-30].encode(),
        "app/cycle.jar": zipped(**cycle),
        "app/bomb.jar": zipped(**{"META-INF/MANIFEST.MF": 64 * MIB}),
        "app/bomb.whl": zipped(**{"loader-1.5.dist-info/METADATA": 64 * MIB}),
        "models/bomb.pt": zipped(**{"archive/data.pkl": 64 * MIB}),
        "root/.yarn/cache/left-pad-npm-1.3.0-a.zip": zipped(
            **{"node_modules/left-pad/package.json": 64 * MIB}
        ),
        "app/node_modules/large/package.json": (
            b'{"name": "large", "version": "1", "x": "' + b"a" * (8 * MIB)
        ),
        "app/node_modules/deep/package.json": b'{"a":' * 100_000,
        f"{SITE}/loader-1.5.dist-info/RECORD": rows,
    }
    beside = file(
        f"{SITE}/loader-1.5.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: loader\nVersion: 1.5\n",
    )
    named = image(careen, DEBIAN, beside, *(file(name, data) for name, data in traps.items()))
    document, peak = careen.measured("scan", named, "--json")
    told = {unknown["path"]: unknown["reason"] for unknown in document["inventory"]["unknowns"]}
    model = next(
        each for each in document["inventory"]["models"] if each["path"] == "/models/bomb.pt"
    )
    assert {f"/{name}" for name in traps} - set(told) <= {"/models/bomb.pt"}
    assert "/models/bomb.pt" in told or model["problem"]
    assert "lead back to" in next(
        each["reason"]
        for each in document["inventory"]["unknowns"]
        if each["path"] == "/app/cycle.jar"
    )
    assert "CVE-2024-2001" in [finding["id"] for finding in document["findings"]]
    assert peak < 500 << 10


@pytest.mark.parametrize("damage", ["pages", "empty", "half", "gone"])
def test_packages_that_cannot_be_read_never_look_like_a_clean_image(
    careen: Careen, damage: str
) -> None:
    database = bytearray(
        rpms.sqlite_database([rpms.package(f"p{number}", "1.0", "1.el9") for number in range(60)])
    )
    for page in range(4096, len(database), 4096):
        database[page : page + 16] = b"\xff" * 16
    content = {
        "pages": bytes(database),
        "empty": b"",
        "half": bytes(database[: len(database) // 2]),
        "gone": None,
    }[damage]
    named = image(
        careen, ROCKY, *(() if content is None else (file("var/lib/rpm/rpmdb.sqlite", content),))
    )
    document = careen("scan", named, "--json").document
    said = (
        "Rocky Linux 9.3 is what the image calls itself, and no package of it is recorded: what it"
        " installed was not compared with any advisory"
    )
    assert said in document["warnings"]
    assert [unknown["path"] for unknown in document["inventory"]["unknowns"]] == (
        [] if content is None else ["/var/lib/rpm/rpmdb.sqlite"]
    )
    assert (
        "2 warnings" in careen("scan", named, "-q").out
    )  # this one, and that the feeds of the tests are old


def test_names_of_an_image_are_text_in_every_format(careen: Careen) -> None:
    source = (
        f"Package: {EVIL}\nStatus: install ok installed\nArchitecture: amd64\nVersion:"
        " 1.0-1\nSource: idle (1.0-1)\nMaintainer: x\nDescription: x\n\n"
    )
    named = image(
        careen,
        DEBIAN,
        file("var/lib/dpkg/status", IDLE + source),
        file(
            f"{SITE}/{EVIL}/loader-1.5.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: loader\nVersion: 1.5\nLicense: {EVIL}\n",
        ),
        file(f"app/{EVIL}\n.jar", b"PK\x03\x04"),
        file("app/node_modules/b/package.json", '{"name": "b\\ud800", "version": "1\\udc00"}'),
        file(
            "app/node_modules/c/package.json",
            '{"name": "c", "version": "1", "license": "\\ud800\\u0000"}',
        ),
        file(
            "models/x.safetensors",
            struct.pack("<Q", 60)
            + b'{"__metadata__":{"format":"\\u001b[31m|<b>","x":"\\ud800"}}'.ljust(60),
        ),
    )
    (careen.folder / "out").mkdir()
    screen = careen(
        "scan", named, *(word for name in FORMATS for word in ("-o", f"{name}=out/{name}"))
    ).out
    written = {name: (careen.folder / "out" / name).read_text(encoding="utf-8") for name in FORMATS}
    for text in (screen, written["table"], written["markdown"].replace("\N{WORD JOINER}", "")):
        assert {char for char in text if not char.isprintable()} <= {"\n"}
        assert "CVE-2024-1001" in text
    assert "<script" not in written["markdown"]
    assert "](javascript" not in written["markdown"].replace("\\]", "").replace("\\(", "")
    for name in set(FORMATS) - {"table", "markdown"}:
        json.loads(written[name])
        assert not any(ord(char) < 32 and char != "\n" for char in written[name]), name


def test_what_the_user_names_for_output_is_never_replaced_by_a_file(careen: Careen) -> None:
    named = image(careen, DEBIAN, file("var/lib/dpkg/status", IDLE))
    pipe = careen.folder / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        careen("scan", named, "-q", "-o", f"json={pipe}")
        assert json.loads(os.read(held, 1 << 16))["format"] == "careen.scan"
        assert (
            "no regular file" in careen("db", "import", "feeds", "--db", pipe, status=1).complaint
        )
        assert "no regular file" in careen("db", "export", pipe, status=1).complaint
    finally:
        os.close(held)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert (
        careen.refused("scan", named, "-o", "json=feeds")
        == "output json: 'feeds' is a directory; name a file in it"
    )
    assert "named twice" in careen.refused(
        "scan", named, "-o", "json=x", "-o", f"sarif={careen.folder / 'x'}"
    )


def answer(careen: Careen, named: str) -> tuple[int, Any]:
    """The exit status, 0 or 1, and the document; with 1 there must be one line that says what to
    do.
    """
    try:
        return 0, careen("scan", named, "--json").document
    except AssertionError:
        assert careen.refused("scan", named, "--json").endswith("with the feeds or an export")
        return 1, None


def test_a_damaged_database_is_one_line_or_the_right_answer(careen: Careen) -> None:
    named = image(careen, DEBIAN, file("var/lib/dpkg/status", IDLE))
    right = careen("scan", named, "--json").document
    database = careen.folder / "advisories.db"
    sound = database.read_bytes()
    chance = random.Random(3)  # noqa: S311 — the same damage in every run
    refused = 0
    for _ in range(3):
        damaged = bytearray(sound)
        for _ in range(200):
            damaged[chance.randrange(len(damaged))] ^= chance.randrange(1, 256)
        database.write_bytes(damaged)
        status, found = answer(careen, named)
        refused += status
        assert status == 1 or found["findings"] == right["findings"]
    assert refused


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_impatient_user_leaves_nothing_behind(careen: Careen, by: signal.Signals) -> None:
    named = image(
        careen,
        DEBIAN,
        file("var/lib/dpkg/status", IDLE),
        *(file(f"d/{number}", b"x" * 1000) for number in range(10_000)),
    )
    ended = careen.interrupted(
        "scan", named, "-o", "json=out.json", when="reading the layers", by=by
    )
    if by is signal.SIGKILL:
        assert ended.status == -by
        careen("scan", named, "-q")
    else:
        assert ended.status == 128 + by
        assert (
            ended.complaint
            == f"careen: {'interrupted' if by is signal.SIGINT else 'terminated'}; what was not"
            " finished is removed"
        )
    assert careen.runs() == []
    assert not (careen.folder / "out.json").exists()
