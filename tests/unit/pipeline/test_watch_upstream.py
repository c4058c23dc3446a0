"""Which image a source is now: of a file, a layout, a registry. The registry is one of this machine
that knows one name.
"""

import hashlib
import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.oci.reference import parse_reference
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.state import Upstream
from careen.pipeline.watching.upstream import ask_all, ask_upstream
from careen.registries.skopeo import Skopeo
from tests.support.images import docker_archive, file, layer, oci_layout

MANIFEST = (
    b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}'
)
NONE = Upstream("")


def watched(source: str) -> Watched:
    return Watched(source, parse_reference(source), "t:1", Path("/nowhere/careen.toml"))


def test_a_file_is_read_again_only_when_it_is_another(tmp_path: Path) -> None:
    path = docker_archive(tmp_path / "a.tar", (layer(file("a", "1")),), ("a:1",))
    source = watched(f"docker-archive:{path}")
    first = ask_upstream(source, NONE, Skopeo())
    assert first.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    pretended = Upstream("sha256:kept", first.stamp)
    assert ask_upstream(source, pretended, Skopeo()) == pretended
    os.utime(path, (1, 1))
    assert ask_upstream(source, pretended, Skopeo()).digest == first.digest
    path.write_bytes(path.read_bytes() + b"\0")
    assert ask_upstream(source, first, Skopeo()).digest != first.digest
    path.unlink()
    with pytest.raises(InputError, match=r"a\.tar: cannot be read: No such file or directory"):
        ask_upstream(source, first, Skopeo())


def test_a_layout_is_its_index_or_the_image_of_the_name(tmp_path: Path) -> None:
    path = oci_layout(tmp_path / "out", (layer(file("a", "1")),), tag="one")
    one, whole = watched(f"oci:{path}:one"), watched(f"oci:{path}")
    before = ask_upstream(one, NONE, Skopeo()), ask_upstream(whole, NONE, Skopeo())
    index = path / "index.json"
    document = json.loads(index.read_text())
    index.write_text(
        json.dumps(
            {
                **document,
                "manifests": [
                    {"digest": "sha256:0", "size": 1, "mediaType": "x"},
                    *document["manifests"],
                ],
            }
        )
    )
    assert ask_upstream(one, NONE, Skopeo()) == before[0]
    assert ask_upstream(whole, NONE, Skopeo()) != before[1]
    with pytest.raises(InputError, match="no image has the name 'two'"):
        ask_upstream(watched(f"oci:{path}:two"), NONE, Skopeo())
    index.write_text('{"manifests": 1}')
    with pytest.raises(InputError, match=r"index\.json: manifests"):
        ask_upstream(one, NONE, Skopeo())


def test_each_answer_has_its_place_and_an_error_too() -> None:
    def ask(number: int) -> int:
        if number % 7 == 0:
            msg = f"no {number}"
            raise ToolError(msg)
        return number * number

    answers = ask_all(range(1, 40), ask)
    assert [answer for answer in answers if isinstance(answer, int)] == [
        number * number for number in range(1, 40) if number % 7
    ]
    assert [str(answer) for answer in answers if not isinstance(answer, int)] == [
        "no 7",
        "no 14",
        "no 21",
        "no 28",
        "no 35",
    ]


class _Registry(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path in {"/v2/", "/v2/team/web/manifests/1"}
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/vnd.oci.image.index.v1+json")
        self.end_headers()
        self.wfile.write(
            MANIFEST
            if known
            else b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}'
        )

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Registry) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.skopeo
def test_a_registry_says_the_digest_of_a_name_and_nothing_is_pulled(registry: str) -> None:
    known = watched(f"docker://{registry}/team/web:1")
    assert (
        ask_upstream(known, NONE, Skopeo()).digest
        == f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"
    )
    unknown = watched(f"docker://{registry}/team/web:2")
    with pytest.raises(
        InputError,
        match=rf"asking the registry for docker://{registry}/team/web:2: .*manifest unknown",
    ):
        ask_upstream(unknown, NONE, Skopeo())


def test_without_skopeo_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careen.tools.process.shutil.which", lambda *_, **__: None)
    with pytest.raises(ToolError, match="skopeo: not found on this machine; install it"):
        ask_upstream(watched("docker://web:1"), NONE, Skopeo())
