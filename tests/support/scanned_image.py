"""An image with two vulnerable packages, one of which a service runs, its RBOM and a database."""

import hashlib
from dataclasses import replace
from pathlib import Path

from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, ImageRef, UsedFile
from careen.model.runs.trace import Use
from careen.rbom.store import write_rbom
from tests.support.boms import BOM, PYTHON, START
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.feeds import write_feeds
from tests.support.images import config_of, digest, file, layer, oci_layout

SITE = "usr/lib/python3/dist-packages"
METADATA = "Metadata-Version: 2.1\nName: loader\nVersion: 1.5\n"
RECORD = "loader/__init__.py,,\nloader-1.5.dist-info/METADATA,,\nloader-1.5.dist-info/RECORD,,\n"
STATUS = (
    "Package: idle\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\nMaintainer:"
    " The Tests <tests@example.org>\nDescription: idle\n\n"
)
LAYER = layer(
    file(
        "etc/os-release",
        'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12'
        ' (bookworm)"\n',
    ),
    file("var/lib/dpkg/status", STATUS),
    file("var/lib/dpkg/info/idle.list", "/.\n/usr\n/usr/bin\n/usr/bin/idle\n"),
    file("usr/bin/idle", "#!/bin/sh\n", 0o755),
    file(f"{SITE}/loader/__init__.py", "x = 1\n"),
    file(f"{SITE}/loader-1.5.dist-info/METADATA", METADATA),
    file(f"{SITE}/loader-1.5.dist-info/RECORD", RECORD),
    file("opt/nobody.bin", "x" * 100),
)
MODULE = ImagePath(f"/{SITE}/loader/__init__.py")


def scanned_image(folder: Path) -> Careen:
    """Write `oci:image`, `rbom.json` of a service that imports `loader`, and a database."""
    oci_layout(folder / "image", [LAYER])
    image = ImageRef(
        "oci:image", None, digest(config_of([LAYER], None)), (digest(LAYER),), "linux/amd64"
    )
    use = FileUse(Use.OPENED, START, PYTHON, "web")
    used = UsedFile(
        MODULE, "file", hashlib.sha256(b"x = 1\n").hexdigest(), 6, image.diff_ids[0], (), (use,)
    )
    (folder / "rbom.json").write_bytes(
        write_rbom(replace(BOM, image=image, files=(used,), missed=(), packages={}))
    )
    write_feeds(folder / "feeds")
    command = Careen(folder, NO_DAEMON)
    command("db", "import", "feeds")
    return command
