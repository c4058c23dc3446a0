"""`careen` between registries, without a daemon: fetched, hardened in the embedded engine, pushed.

The registry is Debian's, on this machine, with HTTPS by an authority of its own and one account.
"""

import json
import re
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Service
from tests.support.admission import cue_policies
from tests.support.careen_command import NO_DAEMON, Careen, docker
from tests.support.cosign import OFFLINE, cosign, new_keys
from tests.support.cosign import PASSWORD as COSIGN_PASSWORD
from tests.support.debian_registry import PASSWORD, Authority, Registry, write_login
from tests.support.fault_proxy import fault_proxy
from tests.support.feeds import write_feeds

pytestmark = [pytest.mark.skopeo, pytest.mark.registry]

FETCH = 'curl -fsS "$BASE_URL/file/usr/share/half/used.txt" | grep -q "half of it"'


@pytest.fixture
def careen(tmp_path: Path, registry: Registry) -> Careen:
    """`careen` with an account at the registry, on a machine without a docker daemon."""
    folder = tmp_path / "careen"
    folder.mkdir()
    command = Careen(folder, {**NO_DAEMON, **registry.env})
    write_feeds(folder / "feeds")
    command("db", "import", folder / "feeds", "-q")
    return command


def blobs(careen: Careen) -> dict[str, Path]:
    """The cache of blobs."""
    return {path.name: path for path in (careen.work / "blobs").glob("*")}


def harden(registry: Registry, tag: str, *words: str) -> tuple[str, ...]:
    """The words that harden the small image and push the result."""
    target = ("-t", f"{registry.host}/team/web:{tag}", "--push", "--report-dir", "report")
    return ("harden", registry.image("team/web:1"), *target, "--test", FETCH, *words)


def scanned(careen: Careen, image: str, *words: str) -> Any:
    """The document of a scan, without what differs between two scans of one image."""
    document = careen("scan", image, "--json", *words).document
    return {name: value for name, value in document.items() if name not in ("created", "subject")}


@pytest.mark.runc
@pytest.mark.root
@pytest.mark.bpf
def test_an_image_is_hardened_from_registry_to_registry(careen: Careen, registry: Registry) -> None:
    ended = careen(*harden(registry, "1-hardened", "--json"))
    digest = registry.tagged("team/web", "1-hardened")
    name = registry.image("team/web:1-hardened")
    assert ended.document["promoted"] == [f"{name}@{digest}"]
    assert ended.document["next_steps"][0] == f"docker run {registry.host}/team/web@{digest}"
    manifest = json.loads(registry.skopeo("inspect", "--raw", name))
    config = json.loads(registry.skopeo("inspect", "--config", "--raw", name))
    assert config["history"][-1]["created_by"].startswith("careen strip")
    assert (
        manifest["annotations"]["io.careen.original.digest"]
        == (ended.document["original"]["digest"])
    )
    assert careen.runs() == []
    assert PASSWORD not in ended.out + ended.err
    result = careen("scan", f"docker://{registry.host}/team/web@{digest}", "--json").document
    assert result["digest"] == digest


@pytest.mark.runc
@pytest.mark.root
@pytest.mark.bpf
def test_layers_that_are_cut_anew_are_pushed_as_zstd(careen: Careen, registry: Registry) -> None:
    careen(*harden(registry, "1-shared", "--layers", "shared", "--compression", "zstd"))
    name = registry.image("team/web:1-shared")
    manifest = json.loads(registry.skopeo("inspect", "--raw", name))
    assert manifest["annotations"]["io.careen.cut"] == "1"
    assert {layer["mediaType"].rpartition("+")[2] for layer in manifest["layers"]} == {"zstd"}
    like = ("--like", name, "--report-dir", "again")
    careen(*harden(registry, "1-again", "--layers", "shared", "--compression", "zstd", *like))
    again = registry.skopeo("inspect", "--raw", registry.image("team/web:1-again"))
    assert json.loads(again)["layers"] == manifest["layers"]


@pytest.mark.runc
@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.parametrize("api", [False, True], ids=["tag", "api"])
def test_the_evidence_is_attached_to_the_result(
    careen: Careen, registry: Registry, authority: Authority, tmp_path: Path, api: bool
) -> None:
    with fault_proxy(registry.host, authority) as proxy:
        proxy.referrers = {} if api else None
        login = write_login(tmp_path / "auth.json", registry.host, proxy.host)
        careen = replace(careen, env={**careen.env, "REGISTRY_AUTH_FILE": str(login)})
        repository = f"team/listed-by-{'api' if api else 'tag'}"
        target = ("-t", f"{proxy.host}/{repository}:1", "--push", "--attach")
        words = (*target, "--test", FETCH, "--report-dir", "report")
        careen("harden", registry.image("team/web:1"), *words)
        digest = registry.tagged(repository, "1")
        listed = (proxy.referrers or {}).get(digest)
    fallback = digest.replace(":", "-")
    assert (fallback in registry.tags(repository)) is not api
    if listed is None:
        text = registry.skopeo("inspect", "--raw", registry.image(f"{repository}:{fallback}"))
        listed = json.loads(text)["manifests"]
    found = {}
    for item in listed:
        name = registry.image(f"{repository}@{item['digest']}")
        manifest = json.loads(registry.skopeo("inspect", "--raw", name))
        assert manifest["subject"]["digest"] == digest
        (document,) = manifest["layers"]
        found[document["annotations"]["org.opencontainers.image.title"]] = document
    assert set(found) == {"sbom.cdx.json", "sbom.spdx.json", "vex.openvex.json", "rbom.json"}
    for name, document in found.items():
        data = registry.blob(document["digest"]).read_bytes()
        assert data == (careen.folder / "report" / name).read_bytes()
    vex = json.loads((careen.folder / "report" / "vex.openvex.json").read_text())
    products = {one["@id"] for each in vex["statements"] for one in each["products"]}
    assert products == {f"pkg:oci/{repository.rpartition('/')[2]}@{digest.replace(':', '%3A')}"}
    sbom = json.loads((careen.folder / "report" / "sbom.cdx.json").read_text())
    assert sbom["metadata"]["component"]["version"] == digest


def test_a_plain_name_that_no_store_has_is_fetched_and_known_again(
    careen: Careen, registry: Registry, service: Service
) -> None:
    name = f"{registry.host}/team/web:1"
    there = scanned(careen, f"docker-archive:{service.archive}")
    first = careen("scan", name)
    assert "inventorying" in first.err
    assert len(blobs(careen)) == len(service.image.layers()) + 1
    again = careen("scan", name)
    assert "inventorying" not in again.err
    assert "fetching" not in again.err
    assert "from the cache" not in first.err
    assert "from the cache: the contents of 1 image (" in again.err
    found = scanned(careen, name)
    assert found["findings"] == there["findings"]
    assert found["inventory"] == there["inventory"]
    line = careen.refused("scan", name, "--pull", "never")
    assert "store" in line
    assert "asking the registry" not in line


def test_a_cache_with_flipped_bits_is_fetched_again(careen: Careen, registry: Registry) -> None:
    name = registry.image("team/web:1")
    before = scanned(careen, name)
    damaged = max(blobs(careen).values(), key=lambda path: path.stat().st_size)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.chmod(0o600)
    damaged.write_bytes(data)
    for remembered in careen.cache.iterdir():
        remembered.unlink()
    ended = careen("scan", name)
    assert "1 damaged blobs of the cache are fetched again" in ended.err
    assert "B not fetched (" in ended.err
    assert scanned(careen, name) == before
    assert blobs(careen)[damaged.name].read_bytes() != data


def test_without_a_cache_nothing_stays(careen: Careen, registry: Registry) -> None:
    careen("scan", registry.image("team/web:1"), "--no-cache")
    assert blobs(careen) == {}


def test_a_result_keeps_the_blobs_of_unchanged_layers(careen: Careen, registry: Registry) -> None:
    source, target = registry.image("team/web:1"), f"{registry.host}/team/copy:1"
    careen("patch", source, "-t", target, "--push")  # nothing is known against it
    one, other = (
        [
            layer["digest"]
            for layer in json.loads(registry.skopeo("inspect", "--raw", name))["layers"]
        ]
        for name in (source, f"docker://{target}")
    )
    assert one == other


@pytest.mark.parametrize("stage", ["inspect: ", "promote: pushing"])
@pytest.mark.runc
@pytest.mark.root
@pytest.mark.bpf
def test_a_killed_run_leaves_no_tag_and_the_next_one_cleans_up(
    careen: Careen, registry: Registry, stage: str
) -> None:
    words = harden(registry, "killed")
    ended = careen.interrupted(*words, when=stage, by=signal.SIGKILL)
    assert ended.status == -signal.SIGKILL
    assert "killed" not in registry.tags("team/web")
    assert careen.runs() != []
    careen("scan", registry.image("team/web:1"))
    assert careen.runs() == []


@pytest.mark.docker
def test_a_name_in_dockers_store_is_preferred(
    tmp_path: Path, registry: Registry, in_docker: Service
) -> None:
    careen = Careen(tmp_path, registry.env)
    write_feeds(tmp_path / "feeds")
    careen("db", "import", "feeds", "-q")
    name = f"{registry.host}/team/web:1"
    docker("tag", in_docker.name("original"), name)
    try:
        careen("scan", name)
        assert blobs(careen) == {}
        careen("scan", name, "--pull", "always")
        assert blobs(careen) != {}
    finally:
        docker("image", "rm", name)


@pytest.mark.docker
@pytest.mark.root
@pytest.mark.bpf
def test_a_list_is_looked_after_in_a_registry(
    tmp_path: Path, registry: Registry, in_docker: Service
) -> None:
    careen = Careen(tmp_path, registry.env)
    write_feeds(tmp_path / "feeds")
    careen("db", "import", "feeds", "-q")
    source = "team/watched:1"
    registry.skopeo("copy", "-q", registry.image("team/web:1"), registry.image(source))
    tag = f"{registry.host}/team/watched:1-hardened"
    (tmp_path / "careen.toml").write_text(
        f"explore = \"off\"\n[workload.serve]\ntest = '''{FETCH}'''\n"
    )
    (tmp_path / "images.toml").write_text(
        f'[[image]]\nsource = "{registry.image(source)}"\ntag = "{tag}"\n'
        'config = "careen.toml"\npush = true\n'
    )
    try:
        (done,) = careen("watch", "images.toml", "--json").document["images"]
        assert (done["deed"], done["pushed"]) == (
            "hardened",
            registry.tagged("team/watched", "1-hardened"),
        )
        assert careen("watch", "images.toml", "-q").out.startswith(f"{tag} unchanged ")
        assert careen.runs() == []
    finally:
        docker("image", "rm", tag)


def test_a_store_of_podmans_is_read_and_written(
    careen: Careen, registry: Registry, tmp_path: Path
) -> None:
    store = f"containers-storage:[vfs@{tmp_path}/root+{tmp_path}/run]"
    careen("patch", registry.image("team/web:1"), "-o", f"{store}team/web:2")
    careen("patch", f"{store}team/web:2", "-o", "./back.tar", "-o", "oci-archive:back2.tar:web:2")
    inventory = scanned(careen, f"{store}team/web:2")["inventory"]
    assert inventory
    for name in ("./back.tar", "oci-archive:back2.tar:web:2"):
        assert scanned(careen, name)["inventory"] == inventory
    assert "no such image" in careen.refused("scan", f"{store}team/web:3")
    assert careen.runs() == []


@pytest.mark.runc
@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.cosign
def test_a_pushed_result_is_attested_and_cosign_finds_it(
    careen: Careen, registry: Registry, tmp_path: Path
) -> None:
    careen(*harden(registry, "1-signed"))
    docker_config = tmp_path / "docker"
    docker_config.mkdir()
    shutil.copy(registry.env["REGISTRY_AUTH_FILE"], docker_config / "config.json")
    new_keys(tmp_path)
    name = registry.image("team/web:1-signed")
    signing = replace(careen, env={**careen.env, **COSIGN_PASSWORD})
    attest = ("attest", "report", "--key", tmp_path / "cosign.key", "--attach", name)
    signing(*attest)
    public = tmp_path / "cosign.pub"
    required = ("--require", "sbom,spdx,vex,rbom,vulnerabilities")
    careen("verify-evidence", "report", "--key", public, "--image", name, *required)
    other = registry.image("team/web:1")
    careen("verify-evidence", "report", "--key", public, "--image", other, status=3)
    digest = registry.tagged("team/web", "1-signed")
    environment = {**registry.env, "DOCKER_CONFIG": str(docker_config)}
    vex = "https://openvex.dev/ns/v0.2.0"
    for kind in ("slsaprovenance1", "cyclonedx", "spdxjson", vex, "urn:careen:rbom:1"):
        words = ("--key", "cosign.pub", *OFFLINE, "--type", kind)
        place = f"{registry.host}/team/web@{digest}"
        cosign("verify-attestation", *words, place, folder=tmp_path, env=environment)
    tag = f"{digest.replace(':', '-')}.att"
    assert tag not in registry.tags("team/web")
    (tmp_path / "note.json").write_text("{}")
    note = ("--key", "cosign.key", "--tlog-upload=false", "--predicate", "note.json")
    cosign("attest", *note, "--type", "urn:other:1", place, folder=tmp_path, env=environment)
    new_keys(tmp_path, "theirs")
    verdict = cue_policies()[0][0]
    theirs = ("--key", "theirs.key", *note[2:], "--type", verdict)
    cosign("attest", *theirs, place, folder=tmp_path, env=environment)
    for _ in range(2):  # again: replaced, and what another key signed is kept
        signing(*attest, "--att-tag")
    types = [
        layer["annotations"]["predicateType"]
        for layer in json.loads(
            registry.skopeo("inspect", "--raw", registry.image(f"team/web:{tag}"))
        )["layers"]
    ]
    assert sorted(types) == sorted([*(kind for kind, _ in cue_policies()), verdict, "urn:other:1"])
    verify = (
        "verify-attestation",
        "--key",
        "cosign.pub",
        "--insecure-ignore-tlog",
        "--policy",
        "policy.cue",
    )
    for kind, policy in cue_policies():
        (tmp_path / "policy.cue").write_text(policy)
        cosign(*verify, "--type", kind, place, folder=tmp_path, env=environment)
        (tmp_path / "policy.cue").write_text(
            re.sub(r'"(PASSED|urn:careen:b[^"]*)"', '"OTHER"', policy)
        )
        with pytest.raises(AssertionError, match="OTHER"):
            cosign(*verify, "--type", kind, place, folder=tmp_path, env=environment)


@pytest.mark.runc
@pytest.mark.root
@pytest.mark.bpf
@pytest.mark.cosign
def test_what_was_signed_of_the_original_ends_and_is_listed(
    careen: Careen, registry: Registry, tmp_path: Path
) -> None:
    registry.skopeo(
        "copy", "--quiet", registry.image("team/web:1"), registry.image("team/signed:1")
    )
    digest = registry.tagged("team/signed", "1")
    docker_config = tmp_path / "docker"
    docker_config.mkdir()
    shutil.copy(registry.env["REGISTRY_AUTH_FILE"], docker_config / "config.json")
    new_keys(tmp_path)
    environment = {**registry.env, "DOCKER_CONFIG": str(docker_config)}
    place = f"{registry.host}/team/signed@{digest}"
    key = ("--key", "cosign.key", "--tlog-upload=false", "--yes")
    (tmp_path / "predicate.json").write_text("{}")
    said = ("--predicate", "predicate.json", "--type", "urn:test:1")
    cosign("sign", *key, place, folder=tmp_path, env=environment)
    cosign("attest", *key, *said, place, folder=tmp_path, env=environment)
    (tmp_path / "bom.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6"}')
    bom = ("--sbom", "bom.json", "--type", "cyclonedx")
    cosign("attach", "sbom", *bom, place, folder=tmp_path, env=environment)
    tag = digest.replace(":", "-")
    held = {}
    for ending in ("sig", "att", "sbom"):
        text = registry.skopeo("inspect", "--raw", registry.image(f"team/signed:{tag}.{ending}"))
        (one,) = json.loads(text)["layers"]
        held[ending] = one["digest"]
    # As a referrer: this registry lists none, so cosign keeps the list under the tag.
    newer = (*key, "--registry-referrers-mode", "oci-1-1")
    experimental = {**environment, "COSIGN_EXPERIMENTAL": "1"}
    cosign("sign", *newer, place, folder=tmp_path, env=experimental)
    listed = json.loads(registry.skopeo("inspect", "--raw", registry.image(f"team/signed:{tag}")))
    (referrer,) = listed["manifests"]
    words = ("harden", registry.image("team/signed:1"), "-t", f"{registry.host}/team/signed:2")
    ended = careen(*words, "--push", "--report-dir", "report", "--test", FETCH)
    told = " ".join(ended.out.split())
    assert "2 signatures, 1 attestation and 1 SBOM of the original do not hold" in told
    summary = json.loads((careen.folder / "report" / "summary.json").read_text())
    assert summary["ended"]["unknown"] == []
    documents = summary["ended"]["documents"]
    assert {(each["kind"], each["type"], each["digest"]) for each in documents} == {
        ("signature", "application/vnd.dev.cosign.artifact.sig.v1+json", referrer["digest"]),
        ("signature", "application/vnd.dev.cosign.simplesigning.v1+json", held["sig"]),
        ("attestation", "urn:test:1", held["att"]),
        ("SBOM", "application/vnd.cyclonedx+json", held["sbom"]),
    }
    assert {each["about"] for each in summary["ended"]["documents"]} == {digest}
    result = registry.tagged("team/signed", "2").replace(":", "-")
    assert not any(name.startswith(result) for name in registry.tags("team/signed"))
