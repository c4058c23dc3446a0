"""How users name images, and which time goes into an output."""

from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError
from careen.model.image import ImageConfig
from careen.oci.created import created_from_environment, epoch_seconds
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciArchive,
    OciLayout,
    Reference,
    RegistryImage,
    StorageImage,
    full_name,
    parse_reference,
)

DIGEST = f"sha256:{'0' * 64}"
GOOD: dict[str, Reference] = {
    "wl/embed:cpu": EngineImage("wl/embed:cpu"),
    "alpine": EngineImage("alpine"),
    "localhost:5000/a/b:1.0": EngineImage("localhost:5000/a/b:1.0"),
    "ghcr.io/a/b@sha256:" + "0" * 64: EngineImage("ghcr.io/a/b@sha256:" + "0" * 64),
    "sha256:" + "ab" * 32: EngineImage("sha256:" + "ab" * 32),
    "ccf01081b596": EngineImage("ccf01081b596"),
    "docker-archive:/tmp/x.tar": DockerArchive(Path("/tmp/x.tar")),
    "docker-archive:x.tar:wl/embed:cpu": DockerArchive(Path("x.tar"), "wl/embed:cpu"),
    "docker-archive:x.tar:@1": DockerArchive(Path("x.tar"), "@1"),
    "oci:dir:latest": OciLayout(Path("dir"), "latest"),
    "oci-archive:a.tar": OciArchive(Path("a.tar")),
}


@pytest.mark.parametrize("text", GOOD)
def test_good(text: str) -> None:
    assert parse_reference(text) == GOOD[text]
    assert str(GOOD[text]) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-it",
        "--privileged",
        "a b",
        "A/B",
        "a:",
        "a@sha256:12",
        "../x",
        "a\n",
        "oci:",
        "docker-archive::x",
        "oci:a\0b",
    ],
)
def test_bad(text: str) -> None:
    with pytest.raises(InputError, match="docker-archive:FILE"):
        parse_reference(text)


@pytest.mark.parametrize(
    ("text", "host", "repository", "digest"),
    [
        ("docker://alpine", "docker.io", "docker.io/library/alpine", ""),
        ("docker://localhost:5000/a/b:1", "localhost:5000", "localhost:5000/a/b", ""),
        (f"docker://r.example/a@{DIGEST}", "r.example", "r.example/a", DIGEST),
        (f"docker://r.example/a:1@{DIGEST}", "r.example", "r.example/a", DIGEST),
    ],
)
def test_an_image_of_a_registry(text: str, host: str, repository: str, digest: str) -> None:
    image = parse_reference(text)
    assert isinstance(image, RegistryImage)
    assert (image.host, image.repository, image.digest) == (host, repository, digest)
    assert image.at("sha256:x") == RegistryImage(f"{repository}@sha256:x")


@pytest.mark.parametrize("name", ["web:1", "localhost/web", "[overlay@/var/a+/run/b]web:1"])
def test_an_image_of_containers_storage(name: str) -> None:
    assert parse_reference(f"containers-storage:{name}") == StorageImage(name)


@pytest.mark.parametrize(
    "text",
    [
        "docker://",
        "docker://A B",
        "docker://oci:x/",
        "containers-storage:",
        "containers-storage:[x",
    ],
)
def test_a_bad_name_of_a_registry_or_a_store(text: str) -> None:
    with pytest.raises(InputError, match="not an image name"):
        parse_reference(text)


@pytest.mark.parametrize(
    "text",
    ["docker-daemon:alpine:latest", "dir:/tmp/x"],
)
def test_other_transports(text: str) -> None:
    with pytest.raises(InputError, match="does not read this transport"):
        parse_reference(text)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("wl/embed:cpu", "docker.io/wl/embed:cpu"),
        ("localhost:5000/x", "localhost:5000/x:latest"),
        ("docker.io/library/a:1", "docker.io/library/a:1"),
        ("docker.io/a", "docker.io/library/a:latest"),
        ("index.docker.io/wl/a:1", "docker.io/wl/a:1"),
    ],
)
def test_full_names(name: str, full: str) -> None:
    assert full_name(name) == full


def test_created_never_comes_from_the_clock() -> None:
    config = ImageConfig({"created": "2024-05-06T07:08:09.123456789+02:00"})
    assert (
        created_from_environment({"SOURCE_DATE_EPOCH": "86400"}, config) == "1970-01-02T00:00:00Z"
    )
    assert created_from_environment({}, config) == "2024-05-06T07:08:09.123456789+02:00"
    assert (
        created_from_environment({}, ImageConfig({}))
        == created_from_environment({}, ImageConfig({"created": "soon"}))
        == "1970-01-01T00:00:00Z"
    )


@pytest.mark.parametrize("text", ["", "-1", "1.5", "now", "\u0661", "9" * 20, "9" * 5000])
def test_bad_source_date_epoch(text: str) -> None:
    with pytest.raises(ConfigError, match="SOURCE_DATE_EPOCH: expected seconds since 1970"):
        created_from_environment({"SOURCE_DATE_EPOCH": text}, ImageConfig({}))


def test_epoch_seconds() -> None:
    assert epoch_seconds("1970-01-02T00:00:00.9Z") == 86400
    assert epoch_seconds("2024-05-06T07:08:09+02:00") == 1714972089
    assert (
        epoch_seconds("2024-13-06T07:08:09Z")
        == epoch_seconds("1960-01-01T00:00:00Z")
        == epoch_seconds("x")
        == 0
    )
