"""An image for another user: one more layer with owners, and the configuration."""

import io
import json
import tarfile
from pathlib import Path

from careen.model.paths import ImagePath
from careen.model.rewriting.other_user import OtherUser, OwnedPath
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.oci.validate import validate_image
from careen.oci.write import write_oci_layout
from careen.rewrite.other_user import with_other_user
from tests.support.images import CONFIG, directory, file, layer, oci_layout

CREATED = "2025-06-07T08:09:10Z"
LAYERS = [
    layer(
        directory("srv", uid=3),
        file("srv/data", "some data", 0o600, pax={"SCHILY.xattr.user.mark": "x"}),
        directory("etc"),
        file("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
    )
]
CHANGES = OtherUser(
    10001,
    10002,
    (
        OwnedPath(ImagePath("/srv"), 10001, 10002, 0o755, "written"),
        OwnedPath(ImagePath("/srv/data"), 10001, 10002, 0o640, "written"),
        OwnedPath(ImagePath("/home/app/.cache"), 10001, 10002, 0o755, "a cache"),
        OwnedPath(ImagePath("/etc/passwd"), 0, 0, 0o644, "account", b"app:x:10001:10002::/:\n"),
    ),
    {"HOME": "/home/app", "PATH": "/bin"},
    {},
)


def opened(folder: Path) -> Image:
    config = {**CONFIG, "config": {"Cmd": ["/a"], "Env": ["A=1", "PATH=/usr/bin"], "User": "root"}}
    return open_image(OciLayout(oci_layout(folder / "image", LAYERS, config=config)), None, folder)


def made(folder: Path, name: str) -> bytes:
    """Return the bytes of the layer that was added, and hold that the image is valid."""
    scratch = folder / name
    scratch.mkdir()
    with (
        opened(folder) as original,
        with_other_user(original, original.rootfs(), CHANGES, CREATED, scratch) as image,
    ):
        assert list(validate_image(image)) == []
        assert [str(each.diff_id) for each in image.layers[:-1]] == [
            str(each.diff_id) for each in original.layers
        ]
        config = json.loads(image.config_bytes)
        assert config["config"] == {
            "Cmd": ["/a"],
            "Env": ["A=1", "PATH=/bin", "HOME=/home/app"],
            "User": "10001:10002",
        }
        assert "runs as 10001:10002" in config["history"][-1]["created_by"]
        write_oci_layout(image, folder / f"{name}-out")
    return (scratch / "layer.tar").read_bytes()


def test_the_layer_has_the_owners_and_what_they_need(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(made(tmp_path, "one"))) as tar:
        found = {
            each.name: (each.uid, each.gid, each.mode, each.isdir()) for each in tar.getmembers()
        }
        data, passwd = (tar.extractfile(name) for name in ("srv/data", "etc/passwd"))
        assert data is not None
        assert data.read() == b"some data"
        assert passwd is not None
        assert passwd.read().startswith(b"app:")
        assert tar.getmember("srv/data").pax_headers["SCHILY.xattr.user.mark"] == "x"
    assert found == {
        "etc/passwd": (0, 0, 0o644, False),
        "home": (0, 0, 0o755, True),
        "home/app": (0, 0, 0o755, True),
        "home/app/.cache": (10001, 10002, 0o755, True),
        "srv": (10001, 10002, 0o755, True),
        "srv/data": (10001, 10002, 0o640, False),
    }


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    assert made(tmp_path, "one") == made(tmp_path, "two")
