"""Images in docker's own stores: the same image as in an archive, or one reason why not."""

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from careen.engines.client.client import DOCKER, Client
from careen.engines.stores.content import ContentStore, content_folder
from careen.engines.stores.docker_overlay import open_docker_overlay
from careen.engines.stores.place import Place, local_store
from careen.errors import BudgetError, ImageError, ToolError
from careen.model.paths import ImagePath
from careen.model.runs import run_budget
from careen.model.runs.run_budget import RunBudget
from careen.oci.open import Unpacker, open_laid_out, open_saved
from careen.tools.process import Finished
from tests.support.images import digest, directory, file, layer, put, put_image
from tests.support.overlay_store import overlay, record_of

LAYERS = (
    layer(directory("etc"), file("etc/os-release", "ID=debian\n")),
    layer(file("etc/motd", b"m" * 3000)),
)


@pytest.fixture
def unpacker(tmp_path: Path) -> Iterator[Unpacker]:
    with ExitStack() as files:
        yield Unpacker(tmp_path, files, RunBudget())


# The containerd store: blobs by digest.


def content(folder: Path, layers: tuple[bytes, ...] = LAYERS) -> str:
    """Write the blobs of an image and return the digest of its manifest."""
    return str(put_image(folder, layers)["digest"])


def test_an_image_is_opened_by_the_digest_of_its_manifest(
    tmp_path: Path, unpacker: Unpacker
) -> None:
    store = ContentStore(tmp_path, content(tmp_path), unpacker.files)
    with open_laid_out(store, None, unpacker, "app:1") as image:
        root = image.rootfs()
        assert root.read(ImagePath("/etc/os-release"), 4096) == b"ID=debian\n"
        assert root.read(ImagePath("/etc/motd"), 4096) == b"m" * 3000


def test_platforms_that_were_not_pulled_are_left_out(tmp_path: Path, unpacker: Unpacker) -> None:
    here = put_image(tmp_path, LAYERS)
    absent = {**here, "digest": "sha256:" + "0" * 64}
    strange: list[object] = [None, {"digest": 3}, {"digest": "../../etc/passwd"}, {}]
    index = json.dumps({"schemaVersion": 2, "manifests": [absent, *strange, here]}).encode()
    found = put(tmp_path, index, "application/vnd.oci.image.index.v1+json")["digest"]
    store = ContentStore(tmp_path, str(found), unpacker.files)
    with open_laid_out(store, None, unpacker, "app:1") as image:
        assert len(image.layers) == 2


def test_a_document_that_was_changed_is_refused(tmp_path: Path, unpacker: Unpacker) -> None:
    found = content(tmp_path)
    blob = tmp_path / "blobs" / found.replace(":", "/")
    blob.write_bytes(blob.read_bytes().replace(b'"schemaVersion": 2', b'"schemaVersion": 1'))
    with pytest.raises(ImageError, match="another document under 'sha256:"):
        ContentStore(tmp_path, found, unpacker.files)


@pytest.mark.parametrize(
    "name", ["sha256:" + "0" * 64, "sha256:", "sha256:../../secret", "", "x" * 100_000]
)
def test_a_digest_that_the_store_does_not_have_is_refused(
    tmp_path: Path, unpacker: Unpacker, name: str
) -> None:
    content(tmp_path)
    (tmp_path / "secret").write_text("{}")
    with pytest.raises(ImageError, match="has no document") as caught:
        ContentStore(tmp_path, name, unpacker.files)
    assert len(str(caught.value)) < 200


def _link(blob: Path) -> None:
    blob.rename(blob.with_name("elsewhere"))
    blob.symlink_to("elsewhere")


def _fifo(blob: Path) -> None:
    blob.unlink()
    os.mkfifo(blob)


def _huge(blob: Path) -> None:
    os.truncate(blob, 9 << 20)


@pytest.mark.parametrize("damage", [_link, _fifo, _huge, Path.unlink])
def test_a_blob_that_is_no_regular_document_is_refused(
    tmp_path: Path, unpacker: Unpacker, damage: Callable[[Path], None]
) -> None:
    found = content(tmp_path)
    damage(tmp_path / "blobs" / found.replace(":", "/"))
    with pytest.raises(ImageError, match=r"has no document|not a regular file"):
        ContentStore(tmp_path, found, unpacker.files)


def test_the_daemon_s_own_content_is_found_before_the_machine_s(tmp_path: Path) -> None:
    own = tmp_path / "containerd" / "daemon" / "io.containerd.content.v1.content"
    found = content(own)
    assert content_folder(tmp_path, found) == own
    with pytest.raises(ImageError, match="no content store on this machine has sha256:00"):
        content_folder(tmp_path, "sha256:" + "0" * 64)


# The classic store: directories of overlay2, headers in tar-split records.


def test_an_image_of_directories_has_the_bytes_of_its_layers(
    tmp_path: Path, unpacker: Unpacker
) -> None:
    root = tmp_path / "docker"
    store = open_docker_overlay(root, overlay(root, LAYERS), unpacker)
    with open_saved(store, None, unpacker, "app:1") as image:
        assert [each.open().read() for each in image.layers] == [*LAYERS]
        assert [str(each.diff_id) for each in image.layers] == [digest(each) for each in LAYERS]


def test_a_file_that_was_changed_in_its_directory_is_found(
    tmp_path: Path, unpacker: Unpacker
) -> None:
    root = tmp_path / "docker"
    store = open_docker_overlay(root, overlay(root, LAYERS), unpacker)
    (root / "overlay2" / "cache1" / "diff" / "etc" / "motd").write_bytes(b"n" * 3000)
    with pytest.raises(ImageError, match="does not match"):
        open_saved(store, None, unpacker, "app:1")


BAD_RECORDS: dict[str, tuple[str, bytes, str]] = {
    "path for an id": ("cache-id", b"../../etc", "a cache-id that is none"),
    "absolute id": ("cache-id", b"/etc", "a cache-id that is none"),
    "empty id": ("cache-id", b"", "a cache-id that is none"),
    "huge id": ("cache-id", b"a" * 1_000_000, "a cache-id that is none"),
    "binary id": ("cache-id", b"\xff\x00", "a cache-id that is none"),
    "record that is not packed": ("tar-split.json.gz", b"{}", "tar-split record"),
    "record that ends early": ("tar-split.json.gz", gzip.compress(b"{}" * 99)[:-9], "tar-split"),
    "record of nothing": ("tar-split.json.gz", gzip.compress(b"[]\n"), "a record is no object"),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_damaged_record_is_refused(name: str, tmp_path: Path, unpacker: Unpacker) -> None:
    file_name, content_of, expected = BAD_RECORDS[name]
    root = tmp_path / "docker"
    image_id = overlay(root, LAYERS)
    (record_of(root, digest(LAYERS[0])) / file_name).write_bytes(content_of)
    with pytest.raises(ImageError, match=expected) as caught:
        open_docker_overlay(root, image_id, unpacker)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("image_id", ["", "sha256:", "sha256:" + "A" * 64, "../x", "sha256:../x"])
def test_an_id_that_is_no_digest_is_refused(
    image_id: str, tmp_path: Path, unpacker: Unpacker
) -> None:
    with pytest.raises(ImageError, match="not a sha256 digest"):
        open_docker_overlay(tmp_path, image_id, unpacker)


def test_a_config_with_a_path_for_a_layer_is_refused(tmp_path: Path, unpacker: Unpacker) -> None:
    config = json.dumps({"rootfs": {"diff_ids": ["sha256:../../../etc"]}}).encode()
    images = tmp_path / "image" / "overlay2" / "imagedb" / "content" / "sha256"
    images.mkdir(parents=True)
    name = hashlib.sha256(config).hexdigest()
    (images / name).write_bytes(config)
    with pytest.raises(ImageError, match="not a sha256 digest"):
        open_docker_overlay(tmp_path, f"sha256:{name}", unpacker)


def test_the_budget_grows_by_the_sizes_of_the_layers(tmp_path: Path, unpacker: Unpacker) -> None:
    root = tmp_path / "docker"
    open_docker_overlay(root, overlay(root, LAYERS), unpacker)
    assert unpacker.budget.size == sum(map(len, LAYERS))


def test_headers_are_paid_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "docker"
    image_id = overlay(root, LAYERS)
    monkeypatch.setattr(run_budget, "FREE_DISK", 100)
    monkeypatch.setattr(run_budget, "DISK_RATIO", 0)
    with ExitStack() as files, pytest.raises(BudgetError):
        open_docker_overlay(root, image_id, Unpacker(tmp_path, files, RunBudget()))


@pytest.mark.parametrize("text", ["", "-5", "many", "1e3", "\u0663"])
def test_a_size_that_is_none_counts_as_nothing(
    text: str, tmp_path: Path, unpacker: Unpacker
) -> None:
    root = tmp_path / "docker"
    image_id = overlay(root, LAYERS)
    (record_of(root, digest(LAYERS[0])) / "size").write_text(text)
    open_docker_overlay(root, image_id, unpacker)
    assert unpacker.budget.size == len(LAYERS[1])


# The daemon's word about where its store is.


def _answers(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    monkeypatch.setattr(Client, "call", lambda *_, **__: Finished(0, data, b""))


def test_a_store_is_the_daemon_s_if_it_has_the_daemon_s_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = {"DockerRootDir": str(tmp_path), "ID": "abc", "Driver": "overlay2"}
    (tmp_path / "engine-id").write_text("abc\n")
    _answers(monkeypatch, info)
    assert local_store(DOCKER) == Place(tmp_path, "overlay2")
    (tmp_path / "engine-id").write_text("the id of another daemon")
    assert local_store(DOCKER) is None
    (tmp_path / "engine-id").write_bytes(b"\xff")
    assert local_store(DOCKER) is None
    (tmp_path / "engine-id").unlink()
    assert local_store(DOCKER) is None


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"DockerRootDir": "", "ID": "abc"},
        {"DockerRootDir": "relative", "ID": "abc"},
        {"DockerRootDir": "/", "ID": ""},
        {"DockerRootDir": ["/"], "ID": 3},
    ],
)
def test_a_daemon_that_does_not_say_has_no_store(
    info: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(monkeypatch, info)
    assert local_store(DOCKER) is None


@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b"\xff"])
def test_an_answer_that_is_no_object_is_an_error(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answers(monkeypatch, answer)
    with pytest.raises(ToolError, match="asking docker for its store"):
        local_store(DOCKER)
