"""A docker archive whose Python interpreter is a program of the test's, with one vulnerable
distribution, and the feed that knows it.
"""

import json
from pathlib import Path

from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.images import directory, docker_archive, file, layer

SITE = "usr/lib/python3.11/site-packages"


def vulnerable_python(folder: Path, program: bytes) -> Careen:
    """Write `folder/image.tar`, whose entrypoint is the interpreter, and import the feed; return
    careen in that folder.
    """
    items = [
        directory("etc"),
        file("etc/os-release", "ID=debian\n"),
        file("usr/bin/python3.11", program, 0o755),
        directory("var"),
        directory("tmp"),
    ]
    items += [
        file(
            f"{SITE}/evil-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
        ),
        file(f"{SITE}/evil-1.0.dist-info/RECORD", "evil.py,,\n"),
        file(f"{SITE}/evil.py", "x = 1\n"),
    ]
    docker_archive(
        folder / "image.tar",
        [layer(*items)],
        ["probe:1"],
        {"config": {"Entrypoint": ["/usr/bin/python3.11"]}},
    )
    events = [{"introduced": "0"}, {"fixed": "1.1"}]
    affected = [
        {
            "package": {"ecosystem": "PyPI", "name": "evil"},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        }
    ]
    times = dict.fromkeys(("modified", "published"), "2024-05-01T00:00:00Z")
    (folder / "feeds").mkdir()
    (folder / "feeds" / "pypi.jsonl").write_text(
        json.dumps({"id": "CVE-2024-1", **times, "affected": affected}) + "\n"
    )
    careen = Careen(folder, NO_DAEMON)
    careen("db", "import", "feeds")
    return careen
