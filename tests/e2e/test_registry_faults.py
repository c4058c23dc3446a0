"""What a registry, the network and the credentials can do wrong: each is resumed, or ends in one
clear line, and the tag stays as it was. A proxy with faults stands before Debian's registry.
"""

import json
import os
import secrets
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.careen_command import NO_DAEMON, Careen, until
from tests.support.cosign import PASSWORD as COSIGN_PASSWORD
from tests.support.cosign import new_keys
from tests.support.debian_registry import PASSWORD, Authority, Registry, write_login
from tests.support.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.support.feeds import write_feeds
from tests.support.finished_result import finished_result
from tests.support.images import file, layer, oci_layout
from tests.support.tmpfs import mounted

pytestmark = [pytest.mark.skopeo, pytest.mark.registry, pytest.mark.slow]

BIG = 9 << 20
BLOB = r"^GET /v2/team/big/blobs/"
MANIFEST = r"^(GET|HEAD) /v2/team/big/manifests/"
UPLOAD = r"^(PATCH|PUT) /v2/team/new/blobs/uploads/"
PUT_MANIFEST = r"^PUT /v2/team/new/manifests/"


@pytest.fixture
def proxy(registry: Registry, authority: Authority) -> Iterator[FaultProxy]:
    with fault_proxy(registry.host, authority) as running:
        yield running


@pytest.fixture(scope="module")
def big(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An image as `team/big:1`; its only layer has 9 MiB, does not compress, and this digest."""
    folder = tmp_path_factory.mktemp("big")
    data = layer(file("etc/os-release", "ID=debian\nVERSION_ID=13\n"), file("big", os.urandom(BIG)))
    path = oci_layout(folder / "layout", (data,), tag="1")
    registry.skopeo("copy", "--quiet", f"oci:{path}:1", registry.image("team/big:1"))
    manifest = json.loads(registry.skopeo("inspect", "--raw", registry.image("team/big:1")))
    return str(manifest["layers"][0]["digest"])


@pytest.fixture
def careen(tmp_path: Path, registry: Registry, proxy: FaultProxy, big: str) -> Careen:
    assert big
    folder = tmp_path / "careen"
    folder.mkdir()
    login = write_login(tmp_path / "auth.json", registry.host, proxy.host)
    environment = {**NO_DAEMON, **registry.env, "REGISTRY_AUTH_FILE": str(login)}
    command = Careen(folder, environment)
    write_feeds(folder / "feeds")
    command("db", "import", folder / "feeds", "-q")
    return command


def push(careen: Careen, target: str) -> tuple[str, ...]:
    """The words that push a new image of one layer; nothing is known against it."""
    source = oci_layout(
        careen.folder / f"new-{secrets.token_hex(4)}",
        (layer(file("new", os.urandom(BIG))),),
        tag="1",
    )
    return ("patch", f"oci:{source}:1", "-t", target, "--push", "--ca", careen.env["SSL_CERT_FILE"])


@pytest.mark.parametrize(("request_", "status"), [(MANIFEST, 429), (BLOB, 500), (BLOB, 503)])
def test_a_failure_of_the_server_while_fetching_passes(
    careen: Careen, proxy: FaultProxy, request_: str, status: int
) -> None:
    proxy.faults.append(Fault(request_, status=status))
    careen("scan", proxy.image("team/big:1"))
    assert not proxy.faults[0].times


def test_a_download_that_is_cut_goes_on_where_it_broke(
    careen: Careen, proxy: FaultProxy, big: str
) -> None:
    proxy.faults.append(Fault(BLOB + big, cut=BIG // 2))
    careen("scan", proxy.image("team/big:1"))
    assert proxy.count(rf"{BLOB}{big} bytes=[1-9]\d+-") == 1


def test_an_expired_certificate_is_refused(
    careen: Careen, registry: Registry, authority: Authority
) -> None:
    with fault_proxy(registry.host, authority, "expired", expired=True) as old:
        write_login(Path(careen.env["REGISTRY_AUTH_FILE"]), old.host)
        line = careen.refused("scan", old.image("team/big:1"))
        assert "certificate has expired" in line
        assert f"put it below /etc/containers/certs.d/{old.host}" in line
        careen("scan", old.image("team/big:1"), "--tls-verify", "false")


@pytest.fixture
def signing(careen: Careen, registry: Registry) -> Careen:
    """A report whose result is in the registry as `team/result:1`, with keys to sign it."""
    finished_result(careen.folder)
    new_keys(careen.folder)
    layout = f"oci:{careen.folder / 'result'}"
    registry.skopeo(
        "copy", "--quiet", "--preserve-digests", layout, registry.image("team/result:1")
    )
    return Careen(careen.folder, {**careen.env, **COSIGN_PASSWORD})


@pytest.mark.cosign
def test_an_expired_certificate_ends_what_is_done_with_evidence(
    signing: Careen, registry: Registry, authority: Authority
) -> None:
    report = signing.folder / "report"
    attest = ("attest", "report", "--key", "cosign.key")
    with fault_proxy(registry.host, authority, "expired", expired=True) as old:
        write_login(Path(signing.env["REGISTRY_AUTH_FILE"]), old.host, registry.host)
        image = old.image("team/result:1")
        assert "certificate has expired" in signing.refused(*attest, "--attach", image)
        assert not (report / "attestations").exists()
        signing(*attest)
        words = ("verify-evidence", "report", "--key", "cosign.pub", "--image")
        assert "certificate has expired" in signing.refused(*words, image)
        signing(*words, registry.image("team/result:1"))
        target = ("-t", f"{old.host}/team/new:1", "--push", "--test", "true")
        assert "certificate has expired" in signing.refused("harden", "oci:result", *target)
        assert old.seen == []
    assert signing.runs() == []


@pytest.mark.cosign
def test_bundles_are_not_attached_to_another_image(
    signing: Careen, registry: Registry, proxy: FaultProxy
) -> None:
    words = ("attest", "report", "--key", "cosign.key", "--attach")
    line = signing.refused(*words, proxy.image("team/big:1"))
    assert line.endswith("name the image that this run pushed")
    assert not (signing.folder / "report" / "attestations").exists()
    assert not proxy.count("POST|PATCH|PUT")
    assert "has no such image" in signing.refused(*words, proxy.image("team/none:1"))


@pytest.mark.parametrize("words", [(), ("--tls-verify", "true")])
def test_an_unknown_authority_is_refused(careen: Careen, proxy: FaultProxy, words: Any) -> None:
    stranger = Careen(careen.folder, {**careen.env, "SSL_CERT_FILE": "/dev/null"})
    line = stranger.refused("scan", proxy.image("team/big:1"), *words)
    assert "certificate signed by unknown authority" in line
    assert "name your authority's file in SSL_CERT_FILE" in line


def test_a_wrong_password_is_told_before_anything_is_done(
    careen: Careen, registry: Registry, proxy: FaultProxy, big: str
) -> None:
    login = write_login(careen.folder / "auth.json", proxy.host, password="not-this-one-42")
    wrong = Careen(careen.folder, {**careen.env, "REGISTRY_AUTH_FILE": str(login)})
    advice = f"authentication required; the registry wants other credentials; log in with `skopeo login {proxy.host}`"
    assert advice in wrong.refused("scan", proxy.image("team/big:1"))
    proxy.seen.clear()
    line = wrong.refused(*push(careen, f"{proxy.host}/team/shut:1"))
    assert line.startswith(f"looking at {proxy.image('team/shut:1')}, where the result goes: ")
    assert advice in line
    assert "not-this-one-42" not in line
    assert proxy.count("POST|PATCH|PUT") == 0
    assert registry.tags("team/shut") == []


def flipped(body: bytes) -> bytes:
    """Other bytes of the same length."""
    return body[:-1] + bytes([body[-1] ^ 1])


def test_a_manifest_that_lies_is_refused(
    careen: Careen, registry: Registry, proxy: FaultProxy
) -> None:
    proxy.faults.append(Fault(MANIFEST, times=100, change=lambda body: body + b" "))
    digest = registry.tagged("team/big", "1")
    line = careen.refused("scan", f"docker://{proxy.host}/team/big@{digest}")
    assert "the registry sent a document with the digest sha256:" in line
    assert line.endswith(f"as {digest}; nothing of it is used")


def test_a_blob_that_lies_is_refused_and_not_kept(
    careen: Careen, proxy: FaultProxy, big: str
) -> None:
    proxy.faults.append(Fault(BLOB + big, times=100, change=flipped))
    line = careen.refused("scan", proxy.image("team/big:1"))
    assert line.startswith(f"fetching {proxy.image('team/big:1')}: ")
    assert "content that does not match its digest, and nothing of it is used" in line
    assert not list((careen.work / "blobs").glob("*"))


def test_a_blob_without_end_is_ended(careen: Careen, proxy: FaultProxy, big: str) -> None:
    proxy.faults.append(Fault(BLOB + big, times=100, endless=True))
    line = careen.refused("scan", proxy.image("team/big:1"))
    assert "more comes than the" in line
    assert "bytes that the manifest declares; the transfer was ended" in line


@pytest.mark.parametrize("request_", [UPLOAD, PUT_MANIFEST])
def test_after_a_failed_push_the_tag_is_as_it_was(
    careen: Careen, registry: Registry, proxy: FaultProxy, request_: str
) -> None:
    target = f"{proxy.host}/team/new:kept"
    careen(*push(careen, target))
    before = registry.tagged("team/new", "kept")
    proxy.faults.append(Fault(request_, times=100, status=403))
    line = careen.refused(*push(careen, target))
    assert line.startswith(f"pushing docker://{target}: ")
    assert line.endswith("the registry denies this account the access")
    assert registry.tagged("team/new", "kept") == before


def test_a_registry_that_loses_what_was_pushed_gets_no_tag(
    careen: Careen, registry: Registry, proxy: FaultProxy
) -> None:
    target = f"{proxy.host}/team/new:lost"
    proxy.faults.append(Fault(r"^GET /v2/team/new/manifests/sha256:", times=100, status=404))
    line = careen.refused(*push(careen, target))
    assert "the registry has no such image" in line
    assert "lost" not in registry.tags("team/new")


@pytest.mark.root
def test_a_full_disk_is_told_and_a_full_cache_gives_way(
    careen: Careen, registry: Registry, proxy: FaultProxy, big: str
) -> None:
    with mounted(careen.work, "size=64m,mode=0700"):
        filler = careen.work / "filler"
        filler.write_bytes(bytes(52 << 20))
        line = careen.refused("scan", proxy.image("team/big:1"))
        assert line.startswith(f"fetching {proxy.image('team/big:1')}: its layers have ")
        assert "free some space or name another directory with --work-dir" in line
        blobs = careen.work / "blobs"
        blobs.mkdir(mode=0o700)
        filler.rename(blobs / ("0" * 64))  # somebody else's image, not used for longest
        careen("scan", proxy.image("team/big:1"))
        assert [path.name for path in blobs.iterdir() if path.stat().st_size > 8 << 20] == [
            big.removeprefix("sha256:")
        ]
        (careen.work / "filler").write_bytes(bytes(44 << 20))
        line = careen.refused(*push(careen, f"{proxy.host}/team/full:1"))
        assert "no space left" in line.lower()
        assert registry.tags("team/full") == []


STAGES = {
    "finding": r"^GET /v2/team/big/manifests/",
    "fetching": BLOB,
    "pushing blobs": r"^(PATCH|PUT) /v2/team/cut/blobs/uploads/",
    "pushing by digest": r"^PUT /v2/team/cut/manifests/sha256:",
    "reading back": r"^GET /v2/team/cut/manifests/sha256:",
    "tagging": r"^PUT /v2/team/cut/manifests/at-",
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_that_is_killed_while_it_talks_leaves_nothing(
    careen: Careen, registry: Registry, proxy: FaultProxy, stage: str
) -> None:
    tag, request_ = f"at-{stage.replace(' ', '-')}", STAGES[stage]
    pushes = "cut" in request_
    scan = ("scan", proxy.image("team/big:1"))
    words = push(careen, f"{proxy.host}/team/cut:{tag}") if pushes else scan
    proxy.faults.append(Fault(request_, times=100, hang=True))
    with careen.begun(*words) as running:
        until(lambda: proxy.count(request_))
        os.kill(running.pid, signal.SIGKILL)
        assert running.status(60) == -signal.SIGKILL
    assert tag not in registry.tags("team/cut")
    assert careen.runs() != []
    proxy.faults.clear()
    careen(*words)
    assert careen.runs() == []
    assert (tag in registry.tags("team/cut")) is pushes


@pytest.mark.parametrize("stage", ["fetching", "pushing blobs"])
def test_ctrl_c_ends_a_transfer_and_leaves_nothing(
    careen: Careen, registry: Registry, proxy: FaultProxy, stage: str
) -> None:
    request_ = STAGES[stage]
    scan = ("scan", proxy.image("team/big:1"))
    words = push(careen, f"{proxy.host}/team/cut:ctrl-c") if "cut" in request_ else scan
    proxy.faults.append(Fault(request_, times=100, hang=True))
    with careen.begun(*words) as running:
        until(lambda: proxy.count(request_))
        os.kill(running.pid, signal.SIGINT)
        assert running.status(60) == 130
    assert careen.runs() == []
    assert "ctrl-c" not in registry.tags("team/cut")


def test_two_runs_share_one_cache(careen: Careen, proxy: FaultProxy, big: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(
            pool.map(lambda _: careen("scan", proxy.image("team/big:1"), "--json"), range(2))
        )
    assert done[0].document["inventory"] == done[1].document["inventory"]
    assert (careen.work / "blobs" / big.removeprefix("sha256:")).is_file()
    assert careen.runs() == []


def test_a_server_that_stays_down_ends_in_one_line(careen: Careen, proxy: FaultProxy) -> None:
    proxy.faults.append(Fault(MANIFEST, times=100, status=503))
    line = careen.refused("scan", proxy.image("team/big:1"))
    assert line.startswith(f"asking the registry for {proxy.image('team/big:1')}: ")
    assert "503" in line
    assert "attempts); the registry fails; try again later" in line
    assert PASSWORD not in line


@pytest.mark.parametrize(
    ("request_", "status"), [(UPLOAD, 429), (UPLOAD, 503), (PUT_MANIFEST, 500)]
)
def test_a_failure_of_the_server_while_pushing_passes(
    careen: Careen, registry: Registry, proxy: FaultProxy, request_: str, status: int
) -> None:
    proxy.faults.append(Fault(request_, status=status))
    careen(*push(careen, f"{proxy.host}/team/new:1"))
    assert not proxy.faults[0].times
    assert "1" in registry.tags("team/new")


def test_an_upload_that_is_cut_is_sent_again(
    careen: Careen, registry: Registry, proxy: FaultProxy
) -> None:
    proxy.faults.append(Fault(r"^PATCH /v2/team/new/blobs/uploads/", cut=BIG // 2, upload=True))
    careen(*push(careen, f"{proxy.host}/team/new:1"))
    assert not proxy.faults[0].times
    assert registry.tagged("team/new", "1")
