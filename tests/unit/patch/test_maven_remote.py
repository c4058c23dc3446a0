"""A Maven repository behind an address that fails in the ways in which such things fail."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from careen.errors import ToolError
from careen.model.patching import PatchChoices
from careen.patch.jars import maven
from careen.patch.jars.maven import Coordinates, Repository

pytestmark = pytest.mark.slow

LIB = Coordinates("org.example", "lib", "1.2.5")
METADATA = b"<metadata><versioning><versions><version>1.2.4</version><version>1.2.5</version></versions></versioning></metadata>"
PLACE = "/org/example/lib/1.2.5/lib-1.2.5.jar"


@dataclass
class Remote:
    """What it answers by path; `hang` paths get no answer until the end."""

    address: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    hang: set[str] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def remote() -> Iterator[Remote]:
    found = Remote()
    found.answers = {
        "/org/example/lib/maven-metadata.xml": (200, METADATA),
        PLACE: (200, b"jar"),
        f"{PLACE}.sha1": (200, _sha1(b"jar") + b"  lib-1.2.5.jar\n"),
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in found.hang:
                found.over.wait(10)
                return
            status, body = found.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://user:secret@127.0.0.1:{httpd.server_address[1]}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    found.over.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest().encode()


def test_versions_and_a_checked_jar_come_from_an_address(remote: Remote) -> None:
    repository = Repository(PatchChoices(maven=remote.address))
    assert repository.versions("org.example", "lib") == ("1.2.4", "1.2.5")
    jar = repository.jar(LIB)
    assert (jar.content, jar.checked, jar.signed) == (b"jar", "sha1", False)
    assert jar.origin == f"{remote.address.replace('user:secret@', '')}{PLACE}"
    assert repository.pom(LIB) is None
    assert repository.versions("org.example", "absent") == ()
    assert repository.versions("org..example", "../../etc") == ()


@pytest.mark.parametrize(
    ("path", "said", "message"),
    [
        (PLACE, (500, b""), "the repository answered with 500; nothing was changed"),
        (PLACE, (404, b""), "not there, though the version is listed"),
        (PLACE, (200, b"other"), "its sha1 does not match its checksum file"),
        (f"{PLACE}.sha1", (200, b"<html>"), "not a checksum"),
        (f"{PLACE}.sha1", (404, b""), "no checksum file next to it"),
        (
            "/org/example/lib/maven-metadata.xml",
            (200, b"<html><p>"),
            "not what a Maven repository answers",
        ),
        (
            "/org/example/lib/maven-metadata.xml",
            (200, b"<html><p>please log in</p></html>"),
            "the document is <html>, and not <metadata>",
        ),
        (
            "/org/example/lib/maven-metadata.xml",
            (200, b"<!DOCTYPE m [<!ENTITY a 'b'>]><metadata/>"),
            "not what a Maven repository answers: a document type",
        ),
    ],
)
def test_what_is_wrong_is_said_without_the_credentials(
    remote: Remote, path: str, said: tuple[int, bytes], message: str
) -> None:
    remote.answers[path] = said
    repository = Repository(PatchChoices(maven=remote.address))
    with pytest.raises(ToolError) as caught:
        (repository.versions("org.example", "lib"), repository.jar(LIB))
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_repository_that_hangs_is_given_up(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maven, "_SECONDS", 0.2)
    remote.hang.add(PLACE)
    with pytest.raises(ToolError, match="cannot be fetched: timed out"):
        Repository(PatchChoices(maven=remote.address)).jar(LIB)
