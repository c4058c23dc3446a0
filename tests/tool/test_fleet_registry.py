"""Images of a real registry into the store of the fleet, by what careen and cosign attached."""

import base64
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.careen_command import NO_DAEMON, Careen, until
from tests.support.cosign import PASSWORD, cosign, new_keys
from tests.support.debian_registry import Authority, Registry, debian_registry, write_login
from tests.support.fault_proxy import Fault, fault_proxy
from tests.support.finished_result import finished_result
from tests.support.images import file, layer, oci_layout

pytestmark = [pytest.mark.registry, pytest.mark.skopeo, pytest.mark.cosign, pytest.mark.slow]

SHOP = "pkg:pypi/shop"


@dataclass(frozen=True, slots=True)
class Scene:
    """A registry with `team/embed:1`, which careen attested, `team/vendor:1`, to which cosign
    attached an SBOM in its older way, and `team/bare:1` with nothing.
    """

    registry: Registry
    keys: Path
    env: dict[str, str]
    report: Path

    def careen(self, folder: Path) -> Careen:
        return Careen(folder, self.env)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    new_keys(folder)
    new_keys(folder, "other")
    report = finished_result(folder)
    authority_folder = tmp_path_factory.mktemp("authority")
    authority = Authority.make(authority_folder)
    with debian_registry(tmp_path_factory.mktemp("registry"), authority) as registry:
        env = {**NO_DAEMON, **PASSWORD, **registry.env, "CAREEN_FLEET": "fleet.db"}
        push(registry, folder / "result", "team/embed:1")
        for name in ("vendor", "bare"):
            tar = layer(file("etc/name", name))
            push(registry, oci_layout(folder / name, [tar]), f"team/{name}:1")
        careen = Careen(folder, env)
        image = registry.image("team/embed:1")
        careen("attest", "report", "--key", folder / "cosign.key", "--attach", image)
        vendor = f"{registry.host}/team/vendor@{registry.tagged('team/vendor', '1')}"
        (folder / "bom.json").write_bytes(vendor_sbom())
        words = ("--key", "cosign.key", "--predicate", "bom.json", "--type", "cyclonedx")
        upload = ("--tlog-upload=false", "--yes")
        cosign("attest", *words, *upload, vendor, folder=folder, env=registry.env)
        yield Scene(registry, folder, env, report)


def push(registry: Registry, layout: Path, name: str) -> None:
    words = ("--quiet", "--preserve-digests", f"oci:{layout}", registry.image(name))
    registry.skopeo("copy", *words)


def vendor_sbom() -> bytes:
    components = [{"type": "library", "name": "shop", "version": "2.0", "purl": f"{SHOP}@2.0"}]
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
    ).encode()


def answers(careen: Careen, what: str) -> dict[str, str]:
    """The grade of each image that has something, by its name without the registry."""
    found = careen("fleet", "who-has", what, "--json").document
    return {hit["name"].partition("/")[2]: hit["grade"] for hit in found["hits"]}


def test_all_repositories_below_a_prefix(scene: Scene, tmp_path: Path) -> None:
    careen = scene.careen(tmp_path)
    words = ("fleet", "index", f"{scene.registry.host}/team/")
    done = careen(*words, "--json").document
    assert (done["images"], done["unchanged"], done["refused"]) == (3, 0, [])
    assert done["bare"] == [f"{scene.registry.host}/team/bare:1"]
    assert answers(careen, SHOP) == {"team/embed:1": "executed", "team/vendor:1": "not known"}
    found = careen("fleet", "who-has", SHOP, "--json").document
    assert sum(each["images"] for each in found["not_known"]) == 1
    again = careen(*words, "--json").document
    assert (again["images"], again["unchanged"], again["bare"]) == (0, 3, done["bare"])


def line(done: Any) -> str:
    """The one reason for which one image was not indexed."""
    (refused,) = done["refused"]
    assert "\n" not in refused["problem"]
    return str(refused["problem"])


def test_only_what_the_key_signed_is_indexed(scene: Scene, tmp_path: Path) -> None:
    careen = scene.careen(tmp_path)
    words = ("fleet", "index", scene.registry.image("team/"), "--key", scene.keys / "cosign.pub")
    done = careen(*words, "--json").document
    assert (done["images"], done["refused"], done["signer"]) == (
        3,
        [],
        f"the key {scene.keys / 'cosign.pub'}",
    )
    assert answers(careen, SHOP).keys() == {"team/embed:1", "team/vendor:1"}
    assert f"no evidence: {scene.registry.host}/team/bare:1" in careen(*words).out


@pytest.mark.parametrize("name", ["embed", "vendor"])
def test_what_another_key_signed_is_not_indexed(scene: Scene, tmp_path: Path, name: str) -> None:
    careen = scene.careen(tmp_path)
    image = f"{scene.registry.host}/team/{name}:1"
    key = ("--key", scene.keys / "other.pub")
    done = careen("fleet", "index", image, *key, "--json", status=3).document
    assert (done["images"], done["fleet"]) == (1, 1)
    found = careen("fleet", "who-has", SHOP, "--json").document
    assert (found["hits"], [each["images"] for each in found["not_known"]]) == ([], [1])
    assert "attestations is signed by the key" in line(done)
    assert image in line(done)


def changed(data: bytes) -> bytes:
    """A bundle whose statement was changed after it was signed."""
    bundle = json.loads(data)
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    statement["predicate"]["changed"] = True
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    bundle["dsseEnvelope"]["payload"] = payload
    return json.dumps(bundle).encode()


def test_files_of_attestations_in_a_directory(scene: Scene, tmp_path: Path) -> None:
    careen = scene.careen(tmp_path)
    folder = tmp_path / "bundles"
    folder.mkdir()
    for name in ("sbom", "rbom", "provenance"):
        data = (scene.report / "attestations" / f"{name}.sigstore.json").read_bytes()
        (folder / f"{name}.sigstore.json").write_bytes(data)
    words = ("fleet", "index", "bundles", "--key", scene.keys / "cosign.pub", "--json")
    done = careen(*words).document
    assert (done["fleet"], done["refused"]) == (1, [])
    found = careen("fleet", "who-has", SHOP, "--json").document
    assert [hit["version"] for hit in found["hits"]] == ["1.0"]
    bundle = folder / "sbom.sigstore.json"
    whole = bundle.read_bytes()
    for data, status, said in (
        (changed(whole), 3, "the signature is not of the key"),
        (vendor_sbom(), 3, "not signed, and not by the key"),
        (whole[: len(whole) // 2], 1, "not valid JSON"),
    ):
        bundle.write_bytes(data)
        assert said in line(careen(*words, status=status).document)
        assert careen("fleet", "who-has", SHOP, "--json").document["affected"] == 1


def test_a_report_is_checked_as_a_whole(scene: Scene, tmp_path: Path) -> None:
    careen = scene.careen(tmp_path)
    key = ("--key", scene.keys / "cosign.pub")
    assert careen("fleet", "index", scene.report, *key, "--json").document["images"] == 2
    done = careen(
        "fleet", "index", scene.report, "--key", scene.keys / "other.pub", "--json", status=3
    )
    assert "it names another key" in line(done.document)


def test_an_image_without_evidence_is_scanned(scene: Scene, tmp_path: Path) -> None:
    careen = scene.careen(tmp_path)
    image = scene.registry.image("team/bare:1")
    careen("fleet", "index", image)
    done = careen.answer("fleet", "index", image, "--scan", "--json")
    assert done.status == 1
    assert "database" in line(done.document)
    careen("db", "import", feed(tmp_path))
    done = careen("fleet", "index", image, "--scan", "--json").document
    assert (done["images"], done["scanned"], done["bare"]) == (1, 1, [])
    trends = careen("fleet", "trends", "--json").document
    assert trends["not_known"] == []
    assert [row["open"] for row in trends["rows"]] == [0]


def feed(folder: Path) -> Path:
    """A feed with one advisory, of a package that no image has."""
    record = {
        "id": "OSV-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "PyPI", "name": "none"}, "versions": ["1"]}],
    }
    (folder / "feeds").mkdir()
    (folder / "feeds" / "osv.json").write_text(json.dumps(record))
    return folder / "feeds"


def test_the_list_of_watch_is_a_source(scene: Scene, tmp_path: Path) -> None:
    careen = scene.careen(tmp_path)
    host = scene.registry.host
    (tmp_path / "images.toml").write_text(
        f'[[image]]\nsource = "docker://{host}/team/vendor:1"\ntag = "{host}/team/embed:1"\n'
        f'config = "careen.toml"\npush = true\n'
        f'[[image]]\nsource = "docker://{host}/team/bare:1"\ntag = "local:1"\n'
        'config = "careen.toml"\n'
    )
    done = careen("fleet", "index", "images.toml", "--json").document
    assert (done["images"], done["bare"]) == (3, [f"{host}/team/bare:1", "local:1"])
    assert answers(careen, SHOP).keys() == {"team/embed:1", "team/vendor:1"}


def says(body: bytes) -> Callable[[bytes], bytes]:
    """What changes an answer to a body."""
    return lambda _: body


def test_a_registry_that_lies_is_one_line(scene: Scene, tmp_path: Path) -> None:
    authority = Authority(Path(scene.env["SSL_CERT_FILE"]).parent)
    with fault_proxy(scene.registry.host, authority) as proxy:
        login = write_login(tmp_path / "auth.json", proxy.host)
        careen = Careen(tmp_path, {**scene.env, "REGISTRY_AUTH_FILE": str(login)})
        image = f"docker://{proxy.host}/team/embed:1"
        words = ("fleet", "index", image, "--json")
        for fault, said in (
            (Fault("GET .*/blobs/", 99, change=lambda data: data[::-1]), "does not match"),
            (Fault("GET .*/manifests/sha256-.*", 99, change=lambda _: b"[1]"), "expected an obj"),
            (Fault("GET .*/manifests/", 99, status=403), "denies"),
        ):
            proxy.faults[:] = [fault]
            done = careen(*words, status=1).document
            assert said in line(done), line(done)
            assert done["fleet"] == 0
        for body, said in ((b"{", "not valid JSON"), (b'{"repositories": [1]}', "expected a str")):
            proxy.faults[:] = [Fault("GET .*/_catalog", 9, change=says(body))]
            prefix = f"docker://{proxy.host}/team/"
            done = careen("fleet", "index", prefix, "--json", status=1).document
            assert said in line(done)
        names = ["team/../../etc", "team/x\x1b[31m", "TEAM/a", "other/a"]
        hostile = json.dumps({"repositories": names}).encode()
        proxy.faults[:] = [Fault("GET .*/_catalog", 9, change=says(hostile))]
        done = careen("fleet", "index", f"{proxy.host}/team/", "--json", status=1).document
        assert "none of the 4 that it lists is below" in line(done)


@pytest.mark.parametrize(
    ("by", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)], ids=["INT", "KILL"]
)
def test_a_run_that_is_ended_while_it_fetches_leaves_nothing(
    scene: Scene, tmp_path: Path, by: signal.Signals, status: int
) -> None:
    folder = tmp_path / "careen"
    folder.mkdir()
    fetches = "GET .*/blobs/"
    with fault_proxy(
        scene.registry.host, Authority(Path(scene.env["SSL_CERT_FILE"]).parent)
    ) as proxy:
        login = write_login(tmp_path / "auth.json", proxy.host)
        careen = Careen(folder, {**scene.env, "REGISTRY_AUTH_FILE": str(login)})
        words = ("fleet", "index", f"docker://{proxy.host}/team/vendor:1")
        # The first blob is the image's configuration, the second the attestation.
        proxy.faults.append(Fault(fetches, 100, hang=True))
        with careen.begun(*words) as running:
            until(lambda: proxy.count(fetches))
            os.kill(running.pid, by)
            assert running.status(60) == status
        proxy.faults.clear()
        assert careen(*words, "--json").document["images"] == 1
        assert careen.runs() == []
    assert {path.name for path in folder.iterdir()} <= {
        "work",
        "fleet.db",
        "fleet.db-wal",
        "fleet.db-shm",
        "history",
    }
