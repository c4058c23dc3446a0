"""`careen comply` as a user runs it: results, documents, exit status, mistakes in one line."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from careen.cli.verbs.comply import command
from careen.errors import CareenError, InputError
from careen.model.runs.trace import Use
from careen.pipeline.assessing.fedramp import NAMES as FEDRAMP
from careen.rbom.store import write_rbom
from tests.support.compliance import CONFIG, HISTORY, SOUND
from tests.support.images import Item, file, layer, oci_layout
from tests.support.triage import bom, use

OWN = """version = 1
id = "house"
title = "House rules"
content = "1"
dated = 2026-11-30
source = "https://example.com/rules"
owner = "The platform."
[[item]]
id = "H-1"
title = "Services do not run as root"
checks = ["user-not-root"]
"""
BENCHMARK = """<?xml version="1.0"?>
<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.1" id="B"><title>{}</title>
<Group id="V-1"><Rule id="SV-1_rule"><version>{}</version></Rule></Group></Benchmark>
"""
SETUID = file("usr/bin/x", b"x", mode=0o4755)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAREEN_DB", str(tmp_path / "missing.db"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def image(name: str, *more: Item) -> str:
    config = {"config": CONFIG, "history": HISTORY}
    return f"oci:{oci_layout(Path(name), [layer(*SOUND, *more)], config=config)}"


def comply(*words: object) -> tuple[int, str]:
    ended = CliRunner().invoke(
        command,
        [*map(str, words), "--work-dir", "work", "--no-cache"],
        standalone_mode=False,
        catch_exceptions=False,
    )
    return ended.return_value, ended.output


@pytest.mark.parametrize("empty", ["", " , "])
def test_an_empty_framework_is_not_the_default(empty: str) -> None:
    """As a variable that a pipeline does not set: another framework would be checked."""
    with pytest.raises(InputError, match=r"^--framework: names no framework; leave it out"):
        comply(image("app"), "--framework", empty)


def test_a_failed_item_is_a_gate_only_on_request() -> None:
    name = image("faulty", SETUID)
    assert comply(name, "--quiet")[0] == 0
    assert comply(name, "--quiet", "--fail-on", "fail")[0] == 2
    assert (
        comply(image("sound"), "--framework", "container-guide", "--fail-on", "fail", "-q")[0] == 0
    )


def test_what_failed_is_shown_with_its_evidence_and_fix() -> None:
    _, text = comply(image("faulty", SETUID))
    assert "no-setid-files: 1 files have the setuid or setgid bit (cis-docker 4.8)" in text
    assert "/usr/bin/x: 4755 0:0" in text
    assert "fix: Remove the bit" in text
    assert "compliant" not in text.lower()


def test_the_documents_are_written_beside_other_files(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    mine = ("mine.txt", "myhost.cklb", "arf-myscan.xml", "xccdf-old.xml")
    for each in mine:
        (folder / each).write_text("mine")
    comply(image("sound"), "--framework", "cis-docker,stig-gpos", "--report-dir", folder, "-q")
    names = {path.name for path in folder.iterdir()}
    assert {"comply.json", "compliance.csv", "xccdf-cis-docker.xml", "stig-gpos.cklb"} <= names
    assert names.issuperset(mine)


def test_documents_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    Path("own.toml").write_text(OWN)
    comply(image("one"), "--framework", "own.toml,stig-gpos", "--report-dir", folder, "-q")
    assert {"arf-house.xml", "stig-gpos.cklb"} <= {each.name for each in folder.iterdir()}
    old = ("cbom.cdx.json", "fedramp-vulnerabilities.json", "soc2-population.csv", *FEDRAMP)
    for each in old:
        (folder / each).write_text("of another run")
    (folder / "fedramp-vulnerabilities.json").rename(folder / "fedramp-mine.json")
    comply(image("two"), "--report-dir", folder, "-q")
    names = {each.name for each in folder.iterdir()}
    assert not names & {*old, "arf-house.xml", "xccdf-house.xml", "stig-gpos.cklb"}
    assert "fedramp-mine.json" in names


@pytest.mark.parametrize("text", ["", "[]", '{"format": "careen-comply"}', "[" * 99_999, '"x"'])
def test_an_earlier_document_that_cannot_be_read_decides_nothing(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "comply.json").write_text(text)
    assert comply(image("one"), "--report-dir", folder, "-q")[0] == 0
    assert (folder / "xccdf-cis-docker.xml").exists()


def test_several_images_have_a_folder_and_a_table_each(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    status, text = comply(image("one"), image("two", SETUID), "--report-dir", folder)
    assert status == 0
    assert text.count("cis-docker ") >= 2
    assert len(list(folder.glob("*/comply.json"))) == 2


def test_an_image_that_cannot_be_read_does_not_end_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    status, text = comply("oci:missing", image("two"), "--report-dir", folder, "--fail-on", "fail")
    assert status == 1
    assert "oci:missing: not assessed: " in text
    (document,) = folder.glob("*/comply.json")
    assert len(json.loads(document.read_text())["assessments"]) == 1


def test_documents_about_an_image_that_is_not_read_this_time_are_removed(tmp_path: Path) -> None:
    folder, one = tmp_path / "out", image("one")
    words = ("--report-dir", folder)
    comply(one, image("two"), *words)
    (first,) = (each for each in folder.iterdir() if each.name.endswith("one"))
    (first / "notes.txt").write_text("mine")
    shutil.rmtree("one")
    status, text = comply(one, image("two"), *words)
    assert status == 1
    assert f"removed: the documents of an earlier run in {first}" in text.replace("\n", " ")
    assert [each.name for each in first.iterdir()] == ["notes.txt"]
    assert len(list(folder.glob("*/comply.json"))) == 1
    other = folder / "other"
    other.mkdir()
    (other / "comply.json").write_text('{"format": "careen-comply", "assessments": [{}]}')
    comply(one, image("two"), *words)
    assert (other / "comply.json").exists()


def test_images_of_which_none_can_be_read_are_an_error() -> None:
    with pytest.raises(CareenError):
        comply("oci:missing", "oci:absent")


def test_each_given_file_is_named_with_its_digest(tmp_path: Path) -> None:
    files = {
        "own.toml": OWN,
        "ignored": "",
        "gpos.xml": BENCHMARK.format("GPOS SRG", "SRG-OS-000001-GPOS-00001"),
    }
    for name, text in files.items():
        Path(name).write_text(text)
    words = ("--framework", "own.toml,stig-gpos", "--ignore-file", "ignored")
    _, text = comply(image("one"), *words, "--stig-benchmark", "gpos.xml", "--json")
    (found,) = json.loads(text)["assessments"]
    kinds = {"own.toml": "framework", "ignored": "ignore file", "gpos.xml": "STIG benchmark"}
    assert found["inputs"] == [
        f"{kinds[name]} {name} (sha256:{hashlib.sha256(text.encode()).hexdigest()})"
        for name, text in files.items()
    ]


def test_json_has_one_assessment_for_each_image() -> None:
    document = json.loads(comply(image("one"), image("two"), "--json")[1])
    assert (document["format"], document["version"]) == ("careen-comply", 1)
    assert [len(each["frameworks"]) for each in document["assessments"]] == [1, 1]


def test_the_list_has_all_checks_and_frameworks() -> None:
    listed = json.loads(comply("--list", "--json")[1])
    assert {"user-not-root", "no-setid-files"} <= {each["id"] for each in listed["checks"]}
    gpos = next(each for each in listed["frameworks"] if each["id"] == "stig-gpos")
    assert gpos["items"] == 198
    assert sum(gpos[name] for name in ("automated", "inherited", "manual", "not_applicable")) == 198


def test_an_rbom_of_another_image_is_refused() -> None:
    Path("rbom.json").write_bytes(write_rbom(bom({"/usr/bin/other": use(Use.EXECUTED)})))
    with pytest.raises(CareenError, match="the RBOM is of another image: /usr/bin/other ran in"):
        comply(image("one"), "--rbom", "rbom.json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--framework", "cis-dokcer"), "unknown; known are"),
        (("--framework", "missing.toml"), "missing.toml: cannot be read"),
        (("--rbom", "rbom.json", "oci:two"), "--rbom: is of one image"),
        (("--stig-benchmark", "missing.xml"), "missing.xml: cannot be read"),
        (("--stig-benchmark", "gpos.xml"), "no checklist is written: add --framework stig-gpos"),
        (
            ("--framework", "stig-gpos", "--stig-benchmark", "rhel.xml"),
            "'RHEL 9 STIG' has none of the rules of stig-gpos",
        ),
        (("--report-dir", "link"), "is no directory"),
    ],
)
def test_a_mistake_is_one_clear_line(words: tuple[str, ...], said: str) -> None:
    Path("link").symlink_to("elsewhere")
    Path("gpos.xml").write_text(BENCHMARK.format("GPOS SRG", "SRG-OS-000001-GPOS-00001"))
    Path("rhel.xml").write_text(BENCHMARK.format("RHEL 9 STIG", "RHEL-09-211010"))
    with pytest.raises(Exception, match=said) as error:
        comply(image("one"), *words)
    assert isinstance(error.value, CareenError) or said in str(error.value)
    assert "\n" not in str(error.value)
