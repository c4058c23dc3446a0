"""A run replaces its own evidence, and no file of the user."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import CareenError
from careen.pipeline.findings.scan_outputs import Output
from careen.pipeline.integrating.documents import clear_documents
from careen.pipeline.integrating.evidence_files import files_of
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.stored import drop_previous, require_own, set_aside
from tests.unit.pipeline.integrating.test_configuration import REQUEST
from tests.unit.pipeline.integrating.test_state import STORED


@pytest.fixture
def request_in_docs(tmp_path: Path) -> CiRequest:
    (tmp_path / "docs").mkdir()
    return replace(REQUEST, folder=tmp_path / "careen-ci/web", evidence=tmp_path / "docs")


@pytest.mark.parametrize("name", ["index.md", "plan.json", "logs/build.log", "manifest.json"])
def test_a_directory_of_the_user_is_refused(request_in_docs: CiRequest, name: str) -> None:
    place = request_in_docs.evidence / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("mine")
    with pytest.raises(CareenError, match=r"is not of the last run.*name one that is empty"):
        require_own(request_in_docs, None)
    assert place.read_text() == "mine"


def test_a_file_that_the_user_adds_is_not_removed(request_in_docs: CiRequest) -> None:
    require_own(request_in_docs, None)
    directory = request_in_docs.evidence
    (directory / "manifest.json").write_text("{}")
    require_own(request_in_docs, None)  # of a run that failed
    stored = replace(STORED, files=files_of(directory))
    require_own(request_in_docs, stored)
    mine = directory / "index.md"
    mine.write_text("mine")
    with pytest.raises(CareenError, match=r"index\.md' is not of the last run"):
        require_own(request_in_docs, stored)
    mine.unlink()
    set_aside(request_in_docs, directory)
    assert (request_in_docs.folder / "previous/manifest.json").exists()
    drop_previous(request_in_docs)
    require_own(request_in_docs, stored)


def test_another_name_does_not_share_it(request_in_docs: CiRequest) -> None:
    require_own(request_in_docs, None)
    (request_in_docs.evidence / "manifest.json").write_text("{}")
    other = replace(request_in_docs, name="api", folder=request_in_docs.folder.parent / "api")
    with pytest.raises(CareenError, match="is not of the last run"):
        require_own(other, STORED)


def test_only_a_file_that_would_be_replaced_is_cleared(tmp_path: Path) -> None:
    names = ("pipe", "directory", "link", "file")
    pipe, directory, link, file = (tmp_path / name for name in names)
    os.mkfifo(pipe)
    directory.mkdir()
    link.symlink_to("/dev/null")
    file.write_text("old")
    outputs = tuple(Output("sarif", tmp_path / name) for name in (*names, "absent"))
    clear_documents(replace(REQUEST, folder=tmp_path / "web", outputs=outputs))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["directory", "link", "pipe"]
