"""TOML files that users write: every mistake is one line with the file and the line number."""

from pathlib import Path

import pytest

from careen.errors import ConfigError
from careen.tools.toml.file import load_toml


def refused(tmp_path: Path, data: bytes, limit: int = 1000) -> str:
    """Return the message for the file, without its directory."""
    path = tmp_path / "careen.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_toml(path, limit)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{tmp_path}/")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a = 1\ntest = [}\n", "careen.toml:2: not valid TOML: invalid value"),
        (b"a = 1\r\nb = \r\n", "careen.toml:2: not valid TOML: invalid value"),
        (b"a = 1\na = 2\n", "careen.toml:2: not valid TOML: cannot overwrite a value"),
        (b"a = 1\n\nb = '''\n\n", "careen.toml:3: not valid TOML: expected"),
        (b"a = 1\nb = '\x07'\n", "careen.toml:2: not valid TOML: "),
        (b"a = 1\n# caf\xe9\n", "careen.toml:2: not UTF-8: byte 0xe9"),
        (b"\xef\xbb\xbfa = 1\n", "careen.toml:1: not valid TOML: "),
        (b"a = " + b"[" * 900, "careen.toml:1: not valid TOML: "),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, data: bytes, message: str) -> None:
    assert refused(tmp_path, data).startswith(message)


def test_nesting_deeper_than_the_interpreter_s_stack_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, b"a = " + b"[" * 200_000, 1_000_000)
    assert message == "careen.toml:1: not valid TOML: nested too deep"


def test_a_number_with_too_many_digits_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, b"a = " + b"9" * 100_000, 1_000_000)
    assert message.startswith("careen.toml:1: not valid TOML: ")
    assert len(message) < 200


def test_the_limit_is_the_largest_size_that_is_read(tmp_path: Path) -> None:
    data = b"a = 'xyz'\n"
    path = tmp_path / "careen.toml"
    path.write_bytes(data)
    assert load_toml(path, len(data)).text("a") == "xyz"
    assert refused(tmp_path, data, len(data) - 1) == (
        f"careen.toml: larger than the {len(data) - 1} bytes that are read of such a file"
    )


def test_a_missing_file_and_a_directory_are_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load_toml(tmp_path / "none.toml", 1000)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_toml(tmp_path, 1000)


def test_lines_are_counted_as_an_editor_does_with_either_line_end(tmp_path: Path) -> None:
    path = tmp_path / "careen.toml"
    for end in ("\n", "\r\n"):
        path.write_bytes(end.join(["a = 1", "", "[t]", "b = '''x", "y'''", "c = 2"]).encode())
        root = load_toml(path, 1000)
        assert root.table("t").where("c") == f"{path}:6"
        assert root.table("t").text("b") == "x\ny"
