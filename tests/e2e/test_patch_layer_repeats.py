"""The same package, installed in a real image by its own apt at two different times, gives one
layer.
"""

import hashlib
import shutil
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER
from careen.engines.client.engine import ClientEngine
from careen.engines.sandbox import INSIDE, copy_idle_program, sandbox_options
from careen.engines.select import cleaners
from careen.engines.stores.take import OpenRequest, open_in_place
from careen.model.runs.engine import PreparedImage
from careen.model.runs.run_budget import RunBudget
from careen.oci.image import Image
from careen.rewrite.patched import PatchedFacts, patched_layer
from careen.tools.process import check
from careen.tools.workspace import workspace

IMAGE = "wl/base:py311"
CREATED, EPOCH = "2025-06-07T08:09:10Z", 1_749_283_750
CONTROL = (
    "Package: careen-trial\nVersion: 2.0\nArchitecture: all\nMaintainer: careen's tests"
    " <nobody@example.org>\nDescription: a trial\n"
)
POSTINST = """#!/bin/sh
set -e
useradd --system --no-create-home careen-trial
ldconfig
/usr/local/bin/python3 -m compileall -q /usr/lib/careen-trial
date >/var/log/careen-trial.log
date >/tmp/careen-trial
"""


def package(folder: Path) -> Path:
    """Build the package: a library's worth of Python, a configuration file, a maintainer script
    that does what such scripts do.
    """
    root = folder / "root"
    for name, text in (
        ("usr/lib/careen-trial/trial.py", "VALUE = {1: 'a', 2: 'b'}\n"),
        ("etc/careen-trial.conf", "on\n"),
        ("DEBIAN/control", CONTROL),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "DEBIAN" / "conffiles").write_text("/etc/careen-trial.conf\n")
    (root / "DEBIAN" / "postinst").write_text(POSTINST)
    (root / "DEBIAN" / "postinst").chmod(0o755)
    out = folder / "careen-trial.deb"
    check(
        ("dpkg-deb", "--root-owner-group", "--build", str(root), str(out)),
        timeout=60,
        doing="building the package",
    )
    return out


def installed(engine: ClientEngine, image: Image, prepared: PreparedImage, deb: Path) -> Path:
    scratch = Path(tempfile.mkdtemp(dir=deb.parent))
    copy_idle_program(scratch)
    shutil.copy(deb, scratch)
    begun = time.time()
    container = engine.create(prepared, sandbox_options(scratch, network="none"), ())
    try:
        container.start()
        variables = {"SOURCE_DATE_EPOCH": str(EPOCH), "DEBIAN_FRONTEND": "noninteractive"}
        done = container.exec(
            ("apt-get", "install", "--yes", f"{INSIDE}/careen-trial.deb"), 120, env=variables
        )
        assert done.status == 0, done.output
        container.changes(scratch / "changes.tar")
    finally:
        container.remove()
    layer = patched_layer(
        image, scratch / "changes.tar", (), (), PatchedFacts(CREATED, begun, (INSIDE,)), scratch
    )
    assert layer is not None
    return layer


@pytest.mark.shared
@pytest.mark.docker
@pytest.mark.dpkg
def test_the_same_package_at_another_time_gives_the_same_layer(tmp_path: Path) -> None:
    deb = package(tmp_path)
    with workspace(tmp_path / "work", cleaners()) as space:
        engine = ClientEngine(space, DOCKER)
        prepared = engine.prepare_existing(IMAGE)
        image = open_in_place(
            DOCKER, prepared.handle, OpenRequest(IMAGE, None, tmp_path, RunBudget()), space
        )
        assert isinstance(image, Image), image
        with image:
            first = installed(engine, image, prepared, deb)
            time.sleep(2.1)  # dpkg and python write whole seconds
            second = installed(engine, image, prepared, deb)
    with tarfile.open(first) as tar:
        names = set(tar.getnames())
    expected = {
        "usr/lib/careen-trial/trial.py",
        "etc/careen-trial.conf",
        "var/lib/dpkg/status",
        "etc/passwd",
        "var/lib/dpkg/info/careen-trial.list",
    }
    assert expected <= names
    assert not [
        name
        for name in names
        if name.startswith(("var/log/", "tmp", "var/cache", "run")) or "careen-sandbox" in name
    ]
    assert (
        hashlib.sha256(first.read_bytes()).hexdigest()
        == hashlib.sha256(second.read_bytes()).hexdigest()
    )
