"""Documents that are hostile or damaged: one line each, and the rest goes on."""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.evidence.sbom.bounded_json import MAX_BYTES
from careen.fleet.ask.answer import PARTLY_READ
from careen.fleet.units import packed, units
from careen.model.runs.trace import Use
from careen.pipeline.fleet.forget import ForgetRequest, forget
from tests.support.fleet import LOG4J, Fleet, digest, rbom, sbom, used

SQL = "x'); DROP TABLE image; -- \"`\0?%s{}"


def test_each_bad_document_is_one_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("good.json", sbom(1, [LOG4J]))
    fleet.write("truncated.json", sbom(2, [LOG4J])[:-40])
    fleet.write("empty.json", b"")
    fleet.write("other.json", b'{"a": 1}')
    fleet.write("deep.json", b"[" * 100_000)
    fleet.write("nameless.json", b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}')
    fleet.write("rbom.txt", b"not JSON, and not read")
    fleet.write("half/rbom.json", rbom(3, [used("/a", Use.OPENED)])[:-20])
    with fleet.write("big.json", b"").open("wb") as stream:
        stream.truncate(500 << 20)  # sparse
    fleet.folder.joinpath("link.json").symlink_to(fleet.folder / "good.json")
    done = fleet.index()
    assert (done.images, done.fleet) == (1, 1)
    said = {Path(each.where).name: each.problem for each in done.refused}
    assert set(said) == {
        "truncated.json",
        "empty.json",
        "other.json",
        "deep.json",
        "nameless.json",
        "rbom.json",
        "big.json",
    }
    assert f"more than the {MAX_BYTES >> 20} MiB" in said["big.json"]
    assert "neither name nor digest" in said["nameless.json"]
    assert "JSON" in said["rbom.json"]
    assert all("\n" not in each and len(each) < 800 for each in said.values())


def test_a_pipe_in_a_list_is_not_waited_for(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    os.mkfifo(fleet.folder / "pipe.json")
    listed = fleet.write("images.toml", b'[[image]]\nname = "x"\ndocuments = ["pipe.json"]\n')

    def write() -> None:
        with suppress(BrokenPipeError):
            (fleet.folder / "pipe.json").write_bytes(sbom(1, [LOG4J]))

    # Waits for a reader: one that waits, too, gets a whole document.
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    (refused,) = fleet.index(listed).refused
    writer.join(10)
    assert "pipe.json: not a regular file" in refused.problem


def test_what_is_no_purl_stays_out_and_is_counted_as_not_read(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    component = {"type": "library", "name": "odd", "version": "1", "purl": "pkg:"}
    fleet.write("1.json", sbom(1, [component, LOG4J]))
    assert fleet.index().refused == ()
    found = fleet.ask(LOG4J)
    assert found.affected == 1
    assert found.notes == (
        "1 inventory names packages or files that could not be read: what they hold is not known",
    )
    absent = fleet.ask("pkg:pypi/other")
    assert [(each.why, each.images) for each in absent.not_known] == [(PARTLY_READ, 1)]
    assert absent.unknown_images == {digest(1)}


def test_sql_in_every_name_is_text(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    document = json.loads(sbom(1, [LOG4J]))
    document["metadata"]["component"] |= {"name": SQL}
    document["components"] += [
        {
            "type": "library",
            "name": SQL,
            "version": SQL,
            "purl": f"pkg:pypi/{SQL.replace('%', '%25').replace('?', '%3F').replace(chr(0), '%00')}@1",
            "properties": [{"name": "careen:record", "value": f"/{SQL}"}],
        },
        {"type": "operating-system", "name": SQL, "version": SQL},
    ]
    fleet.write("1.json", json.dumps(document).encode())
    bom = json.loads(rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)], [(80, SQL[:20])]))
    bom["image"]["reference"] = SQL
    fleet.write("2.json", json.dumps(bom).encode())
    assert fleet.index().refused == ()
    (hit,) = fleet.ask(LOG4J).hits
    assert (hit.image, hit.grade.value) == (digest(1), "executed")
    for text in (SQL, f"pkg:pypi/{SQL}", f"pkg:pypi/x<{SQL}", f"CVE-1;{SQL}"):
        with pytest.raises(InputError):
            fleet.ask(text)
    fleet.ask(f"**/{SQL}*")
    assert fleet.ask(LOG4J).images == 1


def test_a_list_may_give_one_document_to_several_images(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    document = json.loads(sbom(1, [LOG4J]))
    del document["metadata"]["component"]
    fleet.write("plain.json", json.dumps(document).encode())
    entry = '[[image]]\nname = "{}"\ndigest = "{}"\ndocuments = ["plain.json"]\n'
    images = [("shop/x:1", digest(5)), ("shop/y:1", digest(6)), ("shop/z:1", digest(6))]
    for count in range(1, 4):
        text = "".join(entry.format(*image) for image in images[:count])
        listed = fleet.write("images.toml", text.encode())
        done = fleet.index(listed)
        assert (done.images, done.unchanged) == (1, count - 1)
    assert fleet.index(listed).unchanged == 3
    assert {hit.image for hit in fleet.ask(LOG4J).hits} == {digest(5), digest(6)}
    assert forget(fleet.store, ForgetRequest(("shop/z:1",))).images == (digest(6),)


def test_a_list_names_images_that_their_documents_do_not(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    document = json.loads(sbom(1, [LOG4J]))
    del document["metadata"]["component"]
    fleet.write("plain.json", json.dumps(document).encode())
    listed = fleet.write(
        "images.toml",
        f'[[image]]\nname = "shop/x:1"\ndigest = "{digest(5)}"\ndocuments = ["plain.json"]\n'.encode(),
    )
    assert fleet.index(listed).refused == ()
    (hit,) = fleet.ask(LOG4J).hits
    assert (hit.name, hit.image) == ("shop/x:1", digest(5))
    wrong = fleet.write("wrong.toml", b'[[image]]\nname = "x"\n')
    with pytest.raises(InputError, match=r"wrong.toml:1: .*documents"):
        fleet.index(wrong)
    with pytest.raises(InputError, match="no such file"):
        fleet.index(fleet.folder / "none")


def test_a_list_gives_no_image_the_attestation_of_another(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "shop/b:1", "digest": {"sha256": digest(2)[7:]}}],
        "predicateType": "https://cyclonedx.org/bom",
        "predicate": json.loads(sbom(2, [LOG4J])),
    }
    fleet.write("att.json", json.dumps(statement).encode())
    entry = '[[image]]\nname = "shop/b:1"\ndigest = "{}"\ndocuments = ["att.json"]\n'
    listed = fleet.write("images.toml", entry.format(digest(1)).encode())
    done = fleet.index(listed)
    assert [f"is about {digest(2)}, not about" in each.problem for each in done.refused] == [True]
    assert done.fleet == 0
    fleet.write("images.toml", entry.format(digest(2)).encode())
    assert (fleet.index(listed).refused, fleet.ask(LOG4J).images) == ((), 1)


def test_a_report_of_two_images_is_refused(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.write("r/rbom.json", rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)]))
    scan = {"format": "careen.scan", "subject": "shop/app:2", "digest": digest(2), "findings": []}
    fleet.write("r/findings.json", json.dumps(scan).encode())
    listed = fleet.write("list.toml", b'[[image]]\nname = "shop/app:1"\ndocuments = ["r"]\n')
    (refused,) = fleet.index(listed).refused
    assert "about different images" in refused.problem
    assert fleet.ask(LOG4J).images == 0


def test_files_cannot_stand_for_a_set_of_packages() -> None:
    package = list(units([(b"a", packed(b"x" * 32, b"/r"))], 16, b"packages\0"))
    file = list(units([(b"a", packed(b"x" * 32, b"/r"))], 16, b"files\0"))
    assert package[0].digest != file[0].digest
