"""The folder of a policy: its own files are replaced, those of the user are not."""

from pathlib import Path

import pytest

from careen.errors import InputError
from careen.report.documents.policy import FILE, policy_json
from careen.report.documents.policy_folder import check_policy_folder, write_policy
from tests.support.policies import policy_of

NAMES = ("seccomp.json", "compose.override.yaml")


def documents() -> dict[str, bytes]:
    return {"seccomp.json": b"new", FILE: policy_json(policy_of())}


def test_an_earlier_policy_is_replaced_and_what_it_had_besides_goes(tmp_path: Path) -> None:
    write_policy(tmp_path / "new", NAMES, {**documents(), "compose.override.yaml": b"old"})
    write_policy(tmp_path / "new", NAMES, documents())
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [FILE, "seccomp.json"]


@pytest.mark.parametrize("beside", [None, "{}", "[]", "no JSON", '{"format": "other"}'])
def test_files_of_the_user_are_neither_replaced_nor_removed(
    beside: str | None, tmp_path: Path
) -> None:
    (tmp_path / "compose.override.yaml").write_text("mine")
    if beside is not None:
        (tmp_path / FILE).write_text(beside)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    refusal = r"compose\.override\.yaml': is there, without"
    with pytest.raises(InputError, match=refusal):
        check_policy_folder(tmp_path, NAMES)
    with pytest.raises(InputError, match=refusal):
        write_policy(tmp_path, NAMES, documents())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


def test_a_policy_json_of_something_else_alone_is_kept_too(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"format": "other"}')
    with pytest.raises(InputError, match=r"policy\.json': is there"):
        check_policy_folder(tmp_path, NAMES)


def test_other_files_are_no_trouble_and_the_folder_is_not_made_yet(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    check_policy_folder(tmp_path, NAMES)
    check_policy_folder(tmp_path / "a" / "b", NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_folder_that_cannot_be_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for folder, trouble in (
        ("file", "Not a directory"),
        ("file/x", "Not a directory"),
        ("link", "is a symbolic link"),
    ):
        with pytest.raises(InputError, match=f"{trouble}; name another folder with --policy-dir"):
            check_policy_folder(tmp_path / folder, NAMES)
