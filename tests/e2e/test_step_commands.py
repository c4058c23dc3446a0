"""The single steps as a user types them: `plan`, `strip`, `why`, `diff` need the image and its
RBOM, and no engine.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.inventory.index import write_index
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, ImageRef, RuntimeBom, UsedFile
from careen.model.runs.trace import Use
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.rbom.store import write_rbom
from tests.support.boms import BOM, START
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.images import config_of, digest, file, layer, oci_layout, symlink
from tests.support.plans import package

APP = "#!/bin/sh\n"
LAYER = layer(
    file("bin/tool", APP, 0o755),
    symlink("usr/bin/tool", "/bin/tool"),
    file("etc/passwd", "root:x:0:0::/:/bin/sh\n"),
    file("opt/ballast.bin", b"x" * 5000),
    file("opt/spare.bin", b"y" * 7000),
)


def rbom_of(config: dict[str, object] | None = None) -> RuntimeBom:
    """A run of the image that executed /bin/tool."""
    image = ImageRef(
        "oci:image", None, digest(config_of([LAYER], config)), (digest(LAYER),), "linux/amd64"
    )
    use = FileUse(Use.EXECUTED, START, "", "web")
    used = UsedFile(
        ImagePath("/bin/tool"),
        "file",
        hashlib.sha256(APP.encode()).hexdigest(),
        len(APP),
        image.diff_ids[0],
        (),
        (use,),
    )
    return replace(BOM, image=image, files=(used,), missed=(), packages={})


def manifest(layout: Path) -> Any:
    """The manifest of a layout's only image."""
    (found,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    blob = layout / "blobs" / found["digest"].replace(":", "/")
    return json.loads(blob.read_bytes())


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    oci_layout(tmp_path / "image", [LAYER])
    (tmp_path / "rbom.json").write_bytes(write_rbom(rbom_of()))
    return Careen(tmp_path, NO_DAEMON)


def test_plan_strip_why_and_diff_go_together(careen: Careen) -> None:
    careen("plan", "oci:image", "--rbom", "rbom.json", "-o", "plan.json")
    plan = json.loads((careen.folder / "plan.json").read_text())
    assert [
        path for group in plan["remove"] for path in group["paths"] if path.startswith("/opt/")
    ] == ["/opt/ballast.bin", "/opt/spare.bin"]
    assert (
        plan["rbom_sha256"]
        == hashlib.sha256((careen.folder / "rbom.json").read_bytes()).hexdigest()
    )
    first = careen("strip", "oci:image", "--plan", "plan.json", "-o", "oci:one", "--json").document
    second = careen("strip", "oci:image", "--rbom", "rbom.json", "-o", "oci:two", "--json").document
    assert first["result"]["digest"] == second["result"]["digest"]
    assert first["places"] == ["oci:one"]
    why = careen(
        "why",
        "oci:image",
        "/opt/ballast.bin",
        "--plan",
        "plan.json",
        "--rbom",
        "rbom.json",
        "--json",
    ).document
    assert (why["decision"], why["size"], why["uses"]) == ("removed", 5000, [])
    line = careen(
        "why",
        "oci:image",
        "/opt/ballast.bin",
        "--plan",
        "plan.json",
        "--rbom",
        "rbom.json",
        "--quiet",
    ).out
    assert (
        line
        == "/opt/ballast.bin is removed: not used by the workload, and nothing that is kept needs"
        " it\n"
    )
    diff = careen("diff", "oci:image", "oci:one", "--json").document
    assert {item["path"]: item["change"] for item in diff["files"]}["/opt/spare.bin"] == "removed"


def test_shared_layers_have_the_same_files_in_other_layers(careen: Careen) -> None:
    plain = careen("strip", "oci:image", "--rbom", "rbom.json", "-o", "oci:plain", "--json")
    words = ("strip", "oci:image", "--rbom", "rbom.json", "--json", "-o")
    shared = careen(*words, "oci:shared", "--layers", "shared")
    (careen.folder / "careen.toml").write_text('layers = "shared"\n')
    configured = careen(*words, "oci:configured")
    digests = [each.document["result"]["digest"] for each in (plain, shared, configured)]
    assert digests[0] != digests[1] == digests[2]
    with open_image(OciLayout(careen.folder / "shared"), None, careen.folder) as result:
        assert [(layer.history or {})["created_by"] for layer in result.layers] == [
            "careen layer: base",
            "careen layer: databases and configuration",
        ]
        assert result.annotations["io.careen.cut"] == "1"
    differences = careen("diff", "oci:plain", "oci:shared", "--json").document
    assert differences["files"] == []


def test_a_plan_like_an_earlier_result_names_it(careen: Careen) -> None:
    words = ("--rbom", "rbom.json", "-o")
    careen("plan", "oci:image", *words, "plan.json")
    careen("strip", "oci:image", "--rbom", "rbom.json", "-o", "oci:before")
    careen("plan", "oci:image", *words, "again.json", "--like", "oci:before")
    plan, again = ((careen.folder / name).read_bytes() for name in ("plan.json", "again.json"))
    assert plan == again  # the image has no packages
    refused = careen.refused(
        *("strip", "oci:image", "--plan", "plan.json", "--like", "oci:before", "-o", "oci:out")
    )
    assert "--like: cannot change an existing plan" in refused
    assert "--like oci:nowhere" in careen.refused(
        "plan", "oci:image", *words, "other.json", "--like", "oci:nowhere"
    )


def test_compression_of_the_layers(careen: Careen) -> None:
    words = ("strip", "oci:image", "--rbom", "rbom.json", "--json", "--compression")
    one = careen(*words, "gzip", "-o", "oci:gzip").document["result"]["digest"]
    two = careen(*words, "zstd", "-o", "oci:zstd").document["result"]["digest"]
    assert one == two  # of what the layers hold, however they are packed
    (careen.folder / "careen.toml").write_text('compression = "zstd"\n')
    careen(*words[:-1], "-o", "oci:configured")
    types = {
        name: {
            layer["mediaType"].rpartition("+")[2]
            for layer in manifest(careen.folder / name)["layers"]
        }
        for name in ("gzip", "zstd", "configured")
    }
    assert types == {"gzip": {"gzip"}, "zstd": {"zstd"}, "configured": {"zstd"}}
    assert "--compression: only" in careen.refused(*words, "zstd", "-t", "my/app:1")


def test_the_original_keeps_its_name_and_its_place(careen: Careen) -> None:
    before = (careen.folder / "image" / "index.json").read_bytes()
    for words in (
        ("strip", "team/web:1", "--rbom", "rbom.json"),
        ("harden", "team/web:1", "--test", "true"),
    ):
        said = careen.refused(*words, "-t", "docker.io/team/web:1")
        assert (
            said == "-t docker.io/team/web:1: is the name of the original, which careen never"
            " replaces; choose another tag"
        )
    said = careen.refused(
        "strip", "oci:image", "--rbom", "rbom.json", "-o", f"oci:{careen.folder}/image"
    )
    assert said.endswith(
        "is the original's own place in its layout, which must stay with the original; choose"
        " another tag or directory"
    )
    assert (careen.folder / "image" / "index.json").read_bytes() == before


def test_a_plan_is_not_changed_by_options_of_planning(careen: Careen) -> None:
    careen("plan", "oci:image", "--rbom", "rbom.json")
    for words in (["--level", "observed"], ["--keep", "/opt/**"], ["--remove", "/bin/tool"]):
        said = careen.refused("strip", "oci:image", "--plan", "plan.json", "-o", "oci:out", *words)
        assert said.startswith(f"{words[0]}: cannot change an existing plan"), said
    assert not (careen.folder / "out").exists()


def test_the_rbom_of_an_image_with_the_same_layers_and_another_configuration_is_refused(
    careen: Careen,
) -> None:
    """Its digest would be written into the result as the digest of the original."""
    other = rbom_of({"config": {"Cmd": ["/bin/other"]}})
    (careen.folder / "other.json").write_bytes(write_rbom(other))
    said = careen.refused("strip", "oci:image", "--rbom", "other.json", "-o", "oci:out")
    assert said.startswith(
        "the rbom is of another image: oci:image (config " + other.image.config_digest
    ), said
    assert not (careen.folder / "out").exists()


def test_why_takes_the_newest_report_of_this_image(careen: Careen) -> None:
    careen("plan", "oci:image", "--rbom", "rbom.json", "-o", "careen-out/mine/plan.json")
    (careen.folder / "careen-out" / "mine" / "rbom.json").write_bytes(
        (careen.folder / "rbom.json").read_bytes()
    )
    oci_layout(careen.folder / "other", [LAYER], config={"config": {"Cmd": ["/bin/other"]}})
    (careen.folder / "other.json").write_bytes(
        write_rbom(rbom_of({"config": {"Cmd": ["/bin/other"]}}))
    )
    careen("plan", "oci:other", "--rbom", "other.json", "-o", "careen-out/newer/plan.json")
    (careen.folder / "careen-out" / "newer" / "rbom.json").write_bytes(
        (careen.folder / "other.json").read_bytes()
    )
    assert careen("why", "oci:image", "/bin/tool", "--json").document["decision"] == "kept"
    oci_layout(careen.folder / "third", [LAYER], config={"config": {"Cmd": ["/bin/third"]}})
    said = careen.refused("why", "oci:third", "/bin/tool")
    assert "is the plan of another image" in said
    assert said.endswith(
        "(and 1 more); name the original image, or its plan with --plan and --rbom"
    )


def report_of(careen: Careen) -> None:
    """What a run leaves in careen-out/mine, with the index of the image."""
    careen("plan", "oci:image", "--rbom", "rbom.json", "-o", "careen-out/mine/plan.json")
    report = careen.folder / "careen-out" / "mine"
    (report / "rbom.json").write_bytes((careen.folder / "rbom.json").read_bytes())
    (careen.folder / "scratch").mkdir()
    with open_image(OciLayout(careen.folder / "image"), None, careen.folder / "scratch") as image:
        tool = package(Ecosystem.DEB, "tool", ("/bin/tool", "/opt/ballast.bin"))
        (report / "index.json").write_bytes(
            write_index(image.rootfs(), Inventory({tool.purl: tool}, {}), image.ref)
        )


def test_why_answers_of_the_hardened_image_what_it_answers_of_the_original(careen: Careen) -> None:
    report_of(careen)
    careen("strip", "oci:image", "--plan", "careen-out/mine/plan.json", "-o", "oci:one")
    for what in ("/bin/tool", "/opt/ballast.bin", "tool"):
        assert (
            careen("why", "oci:one", what, "--json").document
            == careen("why", "oci:image", what, "--json").document
        )
    oci_layout(
        careen.folder / "third",
        [LAYER],
        config={"history": [{"comment": "original x; kept paths sha256:" + "0" * 64}]},
    )
    assert "is the plan of another image" in careen.refused("why", "oci:third", "/bin/tool")


def test_why_knows_packages_and_says_what_a_glob_is(careen: Careen) -> None:
    report_of(careen)
    said = careen("why", "oci:image", "tool").out
    assert said.startswith("tool 1 deb is kept in part: 1 of 2 files, 10 B of 5.01 kB")
    assert careen.refused("why", "oci:image", "toll").startswith(
        "no package of the image is named 'toll'; close to it: tool"
    )
    said = careen.refused("why", "oci:image", "/opt/*.bin")
    assert (
        said
        == "'/opt/*.bin' is a glob, and `careen why` explains one path: 2 paths match, 0 of them"
        " kept; name one, such as /opt/ballast.bin"
    )


def test_why_refuses_an_rbom_that_the_plan_does_not_rest_on(careen: Careen) -> None:
    careen("plan", "oci:image", "--rbom", "rbom.json")
    (careen.folder / "later.json").write_bytes(write_rbom(replace(rbom_of(), outside=8)))
    said = careen.refused(
        "why", "oci:image", "/bin/tool", "--plan", "plan.json", "--rbom", "later.json"
    )
    assert said.startswith("later.json: is not the rbom that plan.json was made from"), said
    assert careen.refused("why", "oci:image", "/bin/tool", "--plan", "plan.json").startswith(
        "--plan needs --rbom, too: "
    )
    assert "needs --rbom, too" in " ".join(careen("why", "--help").out.split())
    assert "--plan" in careen.refused("why", "oci:image", "/bin/tool")


def test_package_data_that_cannot_be_read_is_said_in_the_plan(careen: Careen) -> None:
    broken = layer(
        file("bin/tool", APP, 0o755),
        file(
            "var/lib/dpkg/status", "Package: x\nStatus: install ok installed\nArchitecture: all\n\n"
        ),
    )
    oci_layout(careen.folder / "broken", [broken])
    image = ImageRef(
        "oci:broken", None, digest(config_of([broken])), (digest(broken),), "linux/amd64"
    )
    (careen.folder / "broken.json").write_bytes(
        write_rbom(replace(rbom_of(), image=image, files=()))
    )
    careen("plan", "oci:broken", "--rbom", "broken.json", "-o", "broken-plan.json")
    notes = json.loads((careen.folder / "broken-plan.json").read_text())["notes"]
    assert any(
        "packages may be missing from the counts: /var/lib/dpkg/status: a package without a usable"
        " name and version" in note
        for note in notes
    )


def test_options_of_a_workload_are_never_passed_over(careen: Careen) -> None:
    (careen.folder / "careen.toml").write_text('[workload.a]\ntest = "true"\n')
    for words in (
        ["--ready-timeout", "5s"],
        ["--test-timeout", "5s"],
        ["--stop-timeout", "5s"],
        ["--entrypoint", ""],
        ["--read-only"],
    ):
        said = careen.refused("harden", "oci:image", "-o", "oci:out", *words)
        assert said.startswith(
            f"{words[0]}: belongs to a workload, and careen.toml describes workloads already"
        ), said


def test_the_bare_command_shows_its_verbs_in_lines_of_their_own(careen: Careen) -> None:
    ended = careen(status=1)
    assert "\n  harden " in ended.err
    assert "\n  doctor " in ended.err
    assert "..." not in ended.err.partition("Commands:")[2]  # each verb is told in full
    assert careen.refused("why") == "Missing argument 'IMAGE'; see `careen why --help`"


def test_a_time_that_is_none_is_found_out_first(careen: Careen) -> None:
    late = replace(careen, env={**careen.env, "SOURCE_DATE_EPOCH": "yesterday"})
    said = late.refused("harden", "oci:not-there", "-o", "oci:out", "--observe", "1s")
    assert said == "SOURCE_DATE_EPOCH: expected seconds since 1970, got 'yesterday'"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--shm-size", "lots"], "--shm-size 'lots': expected a size"),
        (["-p", "80:90:100:1"], "not a port to publish"),
    ],
)
def test_words_for_docker_are_read_before_the_image_is(
    careen: Careen, words: list[str], said: str
) -> None:
    assert careen.refused(
        "harden", "oci:not-there", "-o", "oci:out", "--observe", "1s", *words
    ).startswith(said)


def test_merging_runs_nothing_and_says_so(careen: Careen) -> None:
    (careen.folder / "b.json").write_bytes(write_rbom(rbom_of()))
    said = careen.refused("profile", "--merge", "rbom.json", "b.json", "--test", "true")
    assert said == "--test: nothing is run with --merge; profile first, then merge"
    careen("profile", "--merge", "rbom.json", "b.json", "-o", "both.json")
    assert (careen.folder / "both.json").read_bytes() == (careen.folder / "rbom.json").read_bytes()


def test_a_database_that_is_not_rewritten_is_said(careen: Careen) -> None:
    red = layer(file("bin/tool", APP, 0o755), file("var/lib/rpm/Packages", "none"))
    oci_layout(careen.folder / "red", [red])
    image = ImageRef("oci:red", None, digest(config_of([red])), (digest(red),), "linux/amd64")
    (careen.folder / "red.json").write_bytes(write_rbom(replace(rbom_of(), image=image, files=())))
    notes = careen("plan", "oci:red", "--rbom", "red.json", "--json").document["notes"]
    assert (
        notes[-1]
        == "the database of rpm packages (/var/lib/rpm/Packages) is not rewritten: it still lists"
        " removed packages"
    )
    assert notes[0].startswith(
        "not all package data of the image could be read, so packages may be missing from the"
        " counts: /var/lib/rpm/Packages: "
    )


def test_a_document_that_is_none_is_named(careen: Careen) -> None:
    (careen.folder / "cut.json").write_text("{")
    assert careen.refused("profile", "--merge", "rbom.json", "cut.json").startswith(
        "cut.json: rbom: not valid JSON"
    )
    assert careen.refused("plan", "oci:image", "--rbom", "cut.json").startswith(
        "cut.json: rbom: not valid JSON"
    )
    assert careen.refused("strip", "oci:image", "--plan", "cut.json", "-o", "oci:out").startswith(
        "cut.json: plan: not valid JSON"
    )
    assert careen.refused("strip", "oci:image", "--plan", "rbom.json", "-o", "oci:out").startswith(
        "rbom.json: plan"
    )
    assert careen.refused(
        "why", "oci:image", "/x", "--plan", "cut.json", "--rbom", "rbom.json"
    ).startswith("cut.json: plan: not valid JSON")


def test_words_after_the_dashes_are_never_the_image(careen: Careen) -> None:
    (careen.folder / "careen.toml").write_text('image = "oci:not-there"\n')
    for words in (["python", "-m", "job"], ["--epochs", "1"]):
        assert careen.refused(
            "harden", "-o", "oci:out", "--observe", "1s", "--", *words
        ).startswith("'not-there': not a directory with an OCI image layout")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--keep", "[z-a]"], "keep '[z-a]': not a glob"),
        (["--remove", "/../x"], "remove '/../x': a glob must not"),
        (["--rules", "none.toml"], "none.toml: cannot be read"),
    ],
)
def test_what_is_to_be_kept_is_read_before_the_image_is(
    careen: Careen, words: list[str], said: str
) -> None:
    assert careen.refused(
        "harden", "oci:not-there", "-o", "oci:out", "--observe", "1s", *words
    ).startswith(said)
