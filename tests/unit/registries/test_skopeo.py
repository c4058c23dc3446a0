"""When skopeo is called again, and with which options. The program is a script that notes its words
and fails as it is told.
"""

import json
import time
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.oci.reference import RegistryImage, StorageImage
from careen.registries.skopeo import Call, Skopeo

FAKE = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done | paste -sd ' ' >> {folder}/calls
n=$(wc -l < {folder}/calls)
[ -e {folder}/answer-$n ] || exit 0
printf 'time="now" level=fatal msg="%s"\\n' "$(cat {folder}/answer-$n)" >&2
exit 1
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script's folder: `answer-N` is what the Nth call fails with."""
    program = tmp_path / "bin" / "skopeo"
    program.parent.mkdir()
    program.write_text(FAKE.format(folder=tmp_path))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.delenv("CONTAINERS_REGISTRIES_CONF")
    return tmp_path


def calls(fake: Path) -> list[str]:
    return (fake / "calls").read_text().splitlines()


def asked(host: str, side: str = "") -> Call:
    image = RegistryImage(f"{host}/a:1")
    return Call("inspect", ("--raw", str(image)), image, "asking", side)


def test_what_may_pass_is_tried_again_after_longer_and_longer_waits(fake: Path) -> None:
    for number, text in enumerate(
        ("received unexpected HTTP status: 503 Service Unavailable", "toomanyrequests", "EOF"), 1
    ):
        (fake / f"answer-{number}").write_text(text)
    waits: list[float] = []
    told: list[str] = []
    Skopeo(say=told.append, pause=waits.append).call(asked("r.example"))
    assert len(calls(fake)) == 4
    for wait, middle in zip(waits, (1, 2, 4), strict=True):
        assert middle * 0.75 <= wait <= middle * 1.25
    assert told[0].startswith("asking: received unexpected HTTP status: 503")


def test_what_does_not_pass_ends_after_five_tries(fake: Path) -> None:
    for number in range(1, 9):
        (fake / f"answer-{number}").write_text("unexpected EOF")
    with pytest.raises(
        ToolError, match=r"asking: unexpected EOF \(5 attempts\); the connection broke; check"
    ):
        Skopeo(pause=lambda _: None).call(asked("r.example"))
    assert len(calls(fake)) == 5


def test_a_run_that_was_ended_waits_for_no_call(fake: Path) -> None:
    program = fake / "bin" / "skopeo"
    program.write_text(f"#!/bin/sh\ntouch {fake}/called\nexec sleep 60\n")
    begun = time.monotonic()
    skopeo = Skopeo(ended=(fake / "called").exists)
    with pytest.raises(ToolError, match="skopeo did not finish"):
        skopeo.call(asked("r.example"))
    (fake / "calls").touch()
    program.write_text(FAKE.format(folder=fake))
    with pytest.raises(ToolError, match="asking: the run was ended"):
        skopeo.call(asked("r.example"))
    assert (calls(fake), time.monotonic() - begun < 30) == ([], True)


def test_without_a_network_it_ends_soon(fake: Path) -> None:
    for number in range(1, 9):
        (fake / f"answer-{number}").write_text("dial tcp 10.0.0.1:443: i/o timeout")
    with pytest.raises(ToolError, match=r"\(2 attempts\); the registry cannot be reached; check"):
        Skopeo(pause=lambda _: None).call(asked("r.example"))
    assert len(calls(fake)) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("authentication required", ToolError),
        ("denied", ToolError),
        ("manifest unknown", InputError),
        ("x509: certificate has expired", ToolError),
        ("Digest did not match", ToolError),
    ],
)
def test_what_cannot_pass_is_tried_once(fake: Path, text: str, kind: type[Exception]) -> None:
    (fake / "answer-1").write_text(text)
    with pytest.raises(kind, match=f"asking: {text}; "):
        Skopeo(pause=lambda _: None).call(asked("r.example"))
    assert len(calls(fake)) == 1


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1:5000", "localhost"])
def test_a_registry_of_this_machine_may_speak_plain_http(fake: Path, host: str) -> None:
    (fake / "answer-1").write_text("http: server gave HTTP response to HTTPS client")
    skopeo = Skopeo()
    skopeo.call(asked(host))
    skopeo.call(asked(host, "dest-"))
    assert calls(fake) == [
        f"inspect --raw docker://{host}/a:1",
        f"inspect --tls-verify=false --raw docker://{host}/a:1",
        f"inspect --dest-tls-verify=false --raw docker://{host}/a:1",
    ]


@pytest.mark.parametrize(
    ("host", "verify"), [("r.example", None), ("localhost.example", None), ("localhost", True)]
)
def test_no_other_registry_may(fake: Path, host: str, verify: bool | None) -> None:
    (fake / "answer-1").write_text("http: server gave HTTP response to HTTPS client")
    with pytest.raises(ToolError, match="the registry speaks plain HTTP; --tls-verify=false"):
        Skopeo(verify).call(asked(host))
    assert len(calls(fake)) == 1


@pytest.mark.parametrize("verify", [True, False])
def test_the_user_decides_about_certificates(fake: Path, verify: bool) -> None:
    skopeo = Skopeo(verify)
    skopeo.call(asked("r.example", "src-"))
    image = StorageImage("a:1")
    skopeo.call(Call("inspect", (str(image),), image, "looking"))
    option = f"--src-tls-verify={json.dumps(verify)}"
    assert calls(fake) == [
        f"inspect {option} --raw docker://r.example/a:1",
        "inspect containers-storage:a:1",
    ]


def test_the_configuration_that_podman_reads_is_read(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", "/etc/other.conf")
    Skopeo().call(asked("r.example"))
    assert calls(fake) == ["--registries-conf /etc/other.conf inspect --raw docker://r.example/a:1"]


def test_a_store_is_not_called_a_registry(fake: Path) -> None:
    (fake / "answer-1").write_text("reference does not resolve to an image ID")
    image = StorageImage("a:1")
    with pytest.raises(InputError, match="the store has no such image; check the name"):
        Skopeo().call(Call("inspect", (str(image),), image, "looking"))
