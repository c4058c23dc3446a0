"""What a wheel replaces of an image is hidden by its layer, as pip uninstalls an old version."""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from careen.catalog.wheels.install import write_layer
from careen.catalog.wheels.replaced import replaced
from careen.catalog.wheels.target import Target
from careen.inventory.scan import scan
from careen.model.catalog.lock import LockedWheel
from careen.model.paths import ImagePath
from tests.support.trees import tree

SITE = "/usr/local/lib/python3.11/site-packages"
TARGET = Target(11, 41, "x86_64", environment=True)
OLD: Mapping[str, Any] = {
    "/usr/local/bin/one": "script",
    f"{SITE}/one/__init__.py": "1",
    f"{SITE}/one/old/gone.py": "1",
    f"{SITE}/one/old/__pycache__/gone.cpython-311.pyc": "1",
    f"{SITE}/one-1.0.dist-info/METADATA": "Name: One\nVersion: 1.0\n",
    f"{SITE}/one-1.0.dist-info/RECORD": (
        "../../../bin/one,,\none/__init__.py,,\none/old/gone.py,,\n"
        "one-1.0.dist-info/METADATA,,\none-1.0.dist-info/RECORD,,\n../../../../../etc/passwd,,\n"
    ),
    f"{SITE}/two/__init__.py": "2",
    f"{SITE}/two-1.0.dist-info/METADATA": "Name: two\nVersion: 1.0\n",
    f"{SITE}/two-1.0.dist-info/RECORD": "two/__init__.py,,\ntwo-1.0.dist-info/RECORD,,\n",
    "/etc/passwd": "root:x:0:0::/:/bin/sh\n",
}
NEW = {
    ImagePath(f"{SITE}/one/__init__.py"),
    ImagePath(f"{SITE}/one-2.0.dist-info/RECORD"),
}


def gone(files: Mapping[str, Any], target: Target = TARGET) -> tuple[ImagePath, ...]:
    root = tree(files)
    wheel = LockedWheel("one", "2.0", "one-2.0-py3-none-any.whl", "0" * 64)
    return replaced(root, scan(root), (wheel,), target, NEW)


def test_an_old_version_goes_with_its_byte_code_and_empty_directories() -> None:
    assert gone(OLD) == ("/usr/local/bin/one", f"{SITE}/one-1.0.dist-info", f"{SITE}/one/old")


def test_a_directory_with_something_else_stays() -> None:
    found = gone({**OLD, f"{SITE}/one/old/data.txt": "x"})
    assert f"{SITE}/one/old" not in found
    assert f"{SITE}/one/old/gone.py" in found


def test_a_package_in_another_place_stays() -> None:
    assert gone(OLD, replace(TARGET, minor=12)) == ()


def test_the_layer_hides_what_goes(tmp_path: Path) -> None:
    root, new = tree(OLD), tmp_path / "root"
    for path in NEW:
        (new / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (new / path[1:]).write_text("2")
    write_layer(new, root, 1_700_000_000, tmp_path / "layer.tar", gone(OLD))
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "layer.tar").read_bytes())) as tar:
        names = tar.getnames()
    site = SITE[1:]
    assert names[:3] == [
        "usr/local/bin/.wh.one",
        f"{site}/.wh.one-1.0.dist-info",
        f"{site}/one/.wh.old",
    ]
    assert f"{site}/one/__init__.py" in names
