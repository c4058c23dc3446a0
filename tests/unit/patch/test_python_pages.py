"""Pages of a simple index, as JSON and as HTML; and the authorities that its connection trusts."""

import ssl
from pathlib import Path
from typing import cast

import certifi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import InputError, ToolError
from careen.model.runs.engine import Container
from careen.patch.certificates import (
    BUNDLES,
    put_image_bundle,
    trusting_context,
    with_machine_authorities,
)
from careen.patch.python import pages
from careen.patch.python.pages import Row, html_rows, json_rows
from careen.patch.sandbox import Sandbox
from tests.support.trees import Link, tree

DIGEST = "ab" * 32
JSON = b"""{"meta": {"api-version": "1.1"}, "files": [
 {"filename": "a-1.tar.gz", "url": "a-1.tar.gz", "hashes": {}},
 {"filename": "a-2-py3-none-any.whl", "url": "https://x/a-2.whl", "hashes": {"sha256": "%s"},
  "requires-python": ">=3.8", "yanked": "broken", "core-metadata": {"sha256": "%s"}},
 {"filename": "a-3-py3-none-any.whl", "url": "a-3.whl", "hashes": {"sha256": "short"},
  "yanked": false, "dist-info-metadata": true},
 {"filename": 7, "url": null, "hashes": [], "yanked": true}, "no object"]}""" % (
    DIGEST.upper().encode(),
    DIGEST.encode(),
)


def test_files_of_a_json_page() -> None:
    assert json_rows(JSON, "index") == [
        Row("a-1.tar.gz", "a-1.tar.gz", "", "", yanked=False, metadata=False),
        Row(
            "a-2-py3-none-any.whl",
            "https://x/a-2.whl",
            DIGEST,
            ">=3.8",
            yanked=True,
            metadata=True,
        ),
        Row("a-3-py3-none-any.whl", "a-3.whl", "", "", yanked=False, metadata=True),
        Row("", "", "", "", yanked=True, metadata=False),
    ]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(ToolError, match="https://index/a"):
        json_rows(data, "https://index/a")


def test_an_object_without_files_is_no_page() -> None:
    with pytest.raises(ValueError, match="no `files`"):
        json_rows(b'{"message": "not found"}', "index")


HTML = f"""<!DOCTYPE html><html><body><h1>Links</h1>
<a href="../../a%2B1/a-1+local.tar.gz#sha256={DIGEST}&amp;x=1"
   data-requires-python="&gt;=3.8">a</a>
<a href="a-2.whl#md5=1" data-yanked data-core-metadata="true">a</a>
<a href="">nothing</a><a>nothing</a><link href="x">
<a href='https://x/a-3.whl?token=1#sha256={DIGEST.upper()}' data-dist-info-metadata>
"""


def test_links_of_an_html_page() -> None:
    assert html_rows(HTML.encode(), "index") == [
        Row(
            "a-1+local.tar.gz",
            "../../a%2B1/a-1+local.tar.gz",
            DIGEST,
            ">=3.8",
            yanked=False,
            metadata=False,
        ),
        Row("a-2.whl", "a-2.whl", "", "", yanked=True, metadata=True),
        Row("a-3.whl", "https://x/a-3.whl?token=1", DIGEST, "", yanked=False, metadata=True),
    ]


def test_an_empty_page_has_no_files() -> None:
    assert html_rows(b"<html></html>", "index") == []


@pytest.mark.parametrize("data", [b"", b"not found", b'{"a": 1}', b"\x00\xff" * 100])
def test_what_is_no_html_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(ValueError, match="https://index/a: neither HTML nor JSON"):
        html_rows(data, "https://index/a")


def test_the_files_of_a_page_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_FILES", 3)
    assert len(html_rows(b"<a href=x>" * 10, "index")) == 3
    assert len(json_rows(b'{"files": [%s]}' % b",".join([b"{}"] * 10), "index")) == 3


@given(st.binary(max_size=80).map(lambda data: b"<a href=" + data))
def test_any_page_gives_rows_or_one_error(data: bytes) -> None:
    try:
        rows = html_rows(data, "index")
    except ValueError:
        return
    assert all(row.sha256 == "" or len(row.sha256) == 64 for row in rows)


# Certificate authorities.


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch) -> str:
    """An authority of this machine, which has those of certifi."""
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    return ssl.DER_cert_to_PEM_cert(known[0])


def box(scratch: Path) -> Sandbox:
    return Sandbox(cast("Container", None), scratch)  # nothing is run


def test_the_image_s_authorities_and_the_given_ones_become_one_file(tmp_path: Path) -> None:
    given_ones = tmp_path / "ca.pem"
    given_ones.write_text("GIVEN\n")
    rootfs = tree({BUNDLES[1]: "SECOND\n\n", BUNDLES[0]: Link("gone"), BUNDLES[2]: "THIRD"})
    inside = put_image_bundle(box(tmp_path), rootfs, str(given_ones))
    assert inside.endswith("/trust/bundle.pem")
    assert (tmp_path / "trust" / "bundle.pem").read_text() == "SECOND\nGIVEN\n"


def test_an_image_without_authorities_gets_the_given_ones(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("GIVEN\n")
    put_image_bundle(box(tmp_path), tree({}), str(tmp_path / "ca.pem"))
    assert (tmp_path / "trust" / "bundle.pem").read_text() == "\nGIVEN\n"


def test_a_file_that_cannot_be_read_is_named_with_its_option(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.pem")
    with pytest.raises(InputError, match=r"--ca .*gone\.pem: cannot be read: No such file"):
        put_image_bundle(box(tmp_path), tree({}), gone)
    with pytest.raises(InputError, match=r"--ca .*gone\.pem: no certificates in PEM can be read"):
        trusting_context(gone)
    (tmp_path / "gone.pem").write_text("no certificate")
    with pytest.raises(InputError, match=r"--ca .*gone\.pem: no certificates in PEM can be read"):
        trusting_context(gone)


def test_programs_get_this_machine_s_authorities_with_the_given_ones(
    tmp_path: Path, authority: str
) -> None:
    (tmp_path / "ca.pem").write_text("GIVEN\n")
    text = with_machine_authorities(str(tmp_path / "ca.pem")).decode()
    assert authority in text
    assert text.endswith("\nGIVEN\n")


def test_a_given_authority_is_trusted_beside_this_machine_s(tmp_path: Path, authority: str) -> None:
    (tmp_path / "ca.pem").write_text(authority)
    before = trusting_context("").cert_store_stats()["x509_ca"]
    context = trusting_context(str(tmp_path / "ca.pem"))
    assert context.cert_store_stats()["x509_ca"] >= before > 0
    assert context.verify_mode is ssl.CERT_REQUIRED
