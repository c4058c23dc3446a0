"""`careen patch` as a command, without docker and without a network: jars from a Maven directory,
and a service that tests what it serves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.images import directory, docker_archive, file, layer
from tests.support.jars import jar
from tests.support.service_image import build_service

pytestmark = [pytest.mark.root, pytest.mark.runc]

NAMES = ("ant", "bee", "cat", "dog", "eel")
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "patch-1.schema.json"
CONFIG = {
    "created": "2024-01-01T00:00:00Z",
    "config": {
        "Entrypoint": ["/usr/bin/service"],
        "Cmd": ["serve", "8000"],
        "ExposedPorts": {"8000/tcp": {}},
        "User": "65534:65534",
        "WorkingDir": "/app",
    },
}
SAME = (
    'curl -fsS --output served.jar "$BASE_URL/file/app/lib/{name}.jar" && grep -q "{text}"'
    " served.jar"
)


def archive(name: str, version: str) -> bytes:
    return jar({
        "META-INF/MANIFEST.MF": f"Manifest-Version: 1.0\r\nImplementation-Title: {name}\r\nImplementation-Version: {version}\r\n\r\n".encode(),
        f"META-INF/maven/org.example/{name}/pom.properties": f"groupId=org.example\nartifactId={name}\nversion={version}\n".encode(),
        f"org/example/{name}.class": f"code of {name} {version}".encode(),
    })  # fmt: skip


def record(name: str, number: int, fixed: str | None) -> str:
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    return json.dumps({
        "id": f"CVE-2024-{number}",
        "modified": "2024-05-01T00:00:00Z",
        "published": "2024-05-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "Maven", "name": f"org.example:{name}"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """A directory with an image of five jars of version 1.0, an advisory for each (fixed in 1.1;
    eel's is not fixed), and a repository that offers 1.1.
    """

    careen: Careen
    folder: Path

    def patch(self, *words: str | Path, status: int = 0) -> Any:
        return self.careen(
            "patch",
            "docker-archive:image.tar",
            "--maven",
            "maven",
            "--offline",
            "--json",
            *words,
            status=status,
        ).document

    def jars(self, layout: str) -> Mapping[str, str]:
        """The versions in an image, as careen's own inventory reads them."""
        self.careen("scan", f"oci:{layout}", "-o", "json=scan.json")
        inventory = json.loads((self.folder / "scan.json").read_text())["inventory"]
        return {
            package["name"].rpartition(":")[2].rpartition("/")[2]: package["version"]
            for package in inventory["packages"]
        }


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return build_service(tmp_path_factory.mktemp("program"))


@pytest.fixture
def scene(tmp_path: Path, program: bytes) -> Scene:
    items = [directory("app"), directory("app/lib"), file("usr/bin/service", program, 0o755)]
    items += [
        file("app/current/settings.txt", "colour = teal\n"),
        file("usr/share/service/model.bin", "weights " * 100),
    ]
    items += [file(f"app/lib/{name}.jar", archive(name, "1.0")) for name in NAMES]
    docker_archive(tmp_path / "image.tar", [layer(*items)], ["app:1"], CONFIG)
    for name in NAMES:
        place = tmp_path / "maven" / "org" / "example" / name
        (place / "1.1").mkdir(parents=True)
        data = archive(name, "1.1")
        (place / "1.1" / f"{name}-1.1.jar").write_bytes(data)
        (place / "1.1" / f"{name}-1.1.jar.sha256").write_text(sha256(data).hexdigest())
        (place / "1.1" / f"{name}-1.1.pom").write_text(
            f"<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>{name}</artifactId><version>1.1</version></project>"
        )
        (place / "maven-metadata.xml").write_text(
            f"<metadata><groupId>org.example</groupId><artifactId>{name}</artifactId><versioning><versions><version>1.1</version></versions></versioning></metadata>"
        )
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    fixes = {name: None if name == "eel" else "1.1" for name in NAMES}
    (feeds / "maven.jsonl").write_text(
        "\n".join(record(name, number, fixes[name]) for number, name in enumerate(NAMES, 1000))
        + "\n"
    )
    careen = Careen(tmp_path, NO_DAEMON)
    careen("db", "import", "feeds")
    return Scene(careen, tmp_path)


def test_what_has_a_fix_is_upgraded_and_read_back_and_the_rest_is_said(scene: Scene) -> None:
    result = scene.patch("-o", "oci:out")
    jsonschema.validate(result, json.loads(SCHEMA.read_text()))
    assert scene.jars("out") == {**dict.fromkeys(NAMES, "1.1"), "eel": "1.0"}
    assert (result["before"]["total"], result["after"]["total"]) == (5, 1)
    assert {
        each["upgrade"]["name"].rpartition(":")[2]: each["version"] for each in result["upgraded"]
    } == dict.fromkeys(NAMES[:4], "1.1")
    (stays,) = result["plan"]["blocked"]
    assert (stays["findings"], stays["barrier"]) == (["CVE-2024-1004"], "no fix")
    statements = json.loads(
        (
            Path(
                result["report_directory"]
                if Path(result["report_directory"]).is_absolute()
                else scene.folder / result["report_directory"]
            )
            / "vex.openvex.json"
        ).read_text()
    )
    fixed = {
        each["vulnerability"]["name"]
        for each in statements["statements"]
        if each["status"] == "fixed"
    }
    assert fixed == {f"CVE-2024-{number}" for number in range(1000, 1004)}
    assert scene.careen.runs() == []
    (unknown,) = result["ended"]["unknown"]
    assert unknown == (
        "docker-archive:image.tar came from an archive of docker, so no registry was asked"
    )
    assert any(
        "are not valid for the new image: unknown: docker-archive" in note
        for note in result["notes"]
    )


def test_one_layer_more_and_the_same_bytes_again(scene: Scene) -> None:
    first = scene.patch("-o", "oci:one")
    second = scene.patch("-o", "oci:two")
    assert first["image"] == second["image"] != ""
    squashed = scene.patch("-o", "oci:three", "--squash")
    assert squashed["image"] != first["image"]
    assert scene.jars("three") == scene.jars("one")

    def layers(layout: str) -> int:
        folder = scene.folder / layout
        blob = json.loads((folder / "index.json").read_text())["manifests"][0]["digest"].partition(
            ":"
        )[2]
        return len(json.loads((folder / "blobs" / "sha256" / blob).read_text())["layers"])

    assert (layers("one"), layers("three")) == (2, 1)


def test_the_upgrade_that_breaks_the_tests_is_left_out_alone(scene: Scene) -> None:
    test = SAME.format(name="cat", text="code of cat 1.0")
    result = scene.patch("-o", "oci:out", "--test", test)
    assert scene.jars("out") == {
        "ant": "1.1",
        "bee": "1.1",
        "cat": "1.0",
        "dog": "1.1",
        "eel": "1.0",
    }
    (dropped,) = result["dropped"]
    assert [each["name"].rpartition(":")[2] for each in dropped["upgrades"]] == ["cat"]
    assert "--test" in dropped["reason"]
    assert "breaks the tests" in {each["barrier"] for each in result["plan"]["blocked"]}
    assert scene.careen.runs() == []


def test_tests_that_fail_anyway_stop_it_with_nothing_promoted(scene: Scene) -> None:
    line = scene.careen.refused(
        "patch",
        "docker-archive:image.tar",
        "--maven",
        "maven",
        "--offline",
        "-o",
        "oci:out",
        "--test",
        "false",
    )
    assert line.startswith("the tests fail on the original image: ")
    assert not (scene.folder / "out").exists()


def test_nothing_to_patch_is_a_success_and_the_result_is_the_original(scene: Scene) -> None:
    result = scene.patch("-o", "oci:out", "--only", "pkg:maven/org.example/eel*")
    assert (result["image"], result["upgraded"]) == ("", [])
    assert set(scene.jars("out").values()) == {"1.0"}
    scene.patch(
        "-o",
        "oci:none",
        "--only",
        "pkg:maven/org.example/eel*",
        "--exit-code-on-noop",
        "4",
        status=4,
    )
    assert not (scene.folder / "none").exists()


def test_the_plan_alone_changes_nothing(scene: Scene) -> None:
    result = scene.patch("--plan")
    assert len(result["plan"]["upgrades"]) == 4
    assert (result["image"], result["upgraded"]) == ("", [])


def test_an_artefact_that_is_not_what_its_checksum_says_stops_it(scene: Scene) -> None:
    (scene.folder / "maven" / "org" / "example" / "bee" / "1.1" / "bee-1.1.jar").write_bytes(
        archive("bee", "1.1") + b"\0"
    )
    line = scene.careen.refused(
        "patch", "docker-archive:image.tar", "--maven", "maven", "--offline", "-o", "oci:out"
    )
    assert "bee-1.1.jar" in line
    assert not (scene.folder / "out").exists()


def test_harden_patches_first_and_strips_what_it_made(scene: Scene) -> None:
    words = (
        "--patch",
        "--maven",
        "maven",
        "--offline",
        "--test",
        SAME.format(name="ant", text="code of ant 1.1"),
        "--json",
        "-o",
        "oci:out",
    )
    summary = scene.careen("harden", "docker-archive:image.tar", *words).document
    assert [
        (each["name"].rpartition(":")[2], each["from"], each["to"])
        for each in summary["patched"]["upgrades"]
    ] == [(name, "1.0", "1.1") for name in NAMES[:4]]
    assert (summary["patched"]["closed"], summary["patched"]["blocked"]) == (4, 1)
    assert summary["original"]["findings"]["total"] == 5
    assert scene.jars("out")["ant"] == "1.1"
    plan = json.loads((scene.folder / summary["report_directory"] / "plan.json").read_text())
    assert len(plan["patch"]["upgrades"]) == 4


def test_harden_leaves_out_what_breaks_its_tests_and_goes_on(scene: Scene) -> None:
    words = (
        "--patch",
        "--maven",
        "maven",
        "--offline",
        "--test",
        SAME.format(name="dog", text="code of dog 1.0"),
        "--json",
        "-o",
        "oci:out",
    )
    summary = scene.careen("harden", "docker-archive:image.tar", *words).document
    assert [each["name"].rpartition(":")[2] for each in summary["patched"]["upgrades"]] == [
        "ant",
        "bee",
        "cat",
    ]
    (dropped,) = summary["patched"]["dropped"]
    assert "dog" in dropped["names"]
    assert scene.jars("out")["dog"] == "1.0"


def test_upgrades_of_which_none_passes_the_tests_are_no_success(scene: Scene) -> None:
    words = (
        "--only",
        "*ant",
        "--test",
        SAME.format(name="ant", text="code of ant 1.0"),
        "--exit-code-on-noop",
        "4",
    )
    line = scene.careen.refused(
        "patch",
        "docker-archive:image.tar",
        "--maven",
        "maven",
        "--offline",
        "-o",
        "oci:out",
        *words,
        status=3,
    )
    assert line.startswith(
        "no upgrade could be kept, nothing was promoted: org.example:ant 1.1: workload 'default':"
        " --test "
    )
    assert not (scene.folder / "out").exists()
    dropped = json.loads((scene.folder / "careen-out" / "out" / "patch.json").read_text())[
        "dropped"
    ]
    assert [each["name"] for item in dropped for each in item["upgrades"]] == ["org.example:ant"]
