"""The settings of pip that careen follows, and files that pip could not read either."""

from pathlib import Path

import pytest

from careen.tools.pip_settings import (
    Told,
    pip_certificates,
    pip_constraints,
    pip_files,
    pip_index_url,
)


def conf(tmp_path: Path, text: str | bytes, name: str = "pip.conf") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_files_come_in_pip_s_order(tmp_path: Path) -> None:
    usual = pip_files({}, tmp_path)
    assert usual[:2] == (tmp_path / ".config/pip/pip.conf", tmp_path / ".pip/pip.conf")
    own = conf(tmp_path, "", "my.conf")
    assert pip_files({"PIP_CONFIG_FILE": str(own)}, tmp_path) == (own, *usual[2:])
    assert pip_files({"PIP_CONFIG_FILE": f"{own}.gone"}, tmp_path) == usual
    assert pip_files({"XDG_CONFIG_HOME": "/x"}, tmp_path)[0] == Path("/x/pip/pip.conf")
    assert pip_files({"PIP_CONFIG_FILE": "/dev/null"}, tmp_path) == ()


def test_a_variable_goes_before_a_file_and_install_before_global(tmp_path: Path) -> None:
    path = conf(
        tmp_path,
        "[global]\nindex-url = https://global.example\n[install]\nindex_url = https://i.example\n",
    )
    assert pip_index_url({}, [path]) == Told("https://i.example", str(path))
    environment = {"PIP_INDEX_URL": " https://v.example "}
    assert pip_index_url(environment, [path]) == Told("https://v.example", "PIP_INDEX_URL")


def test_a_file_without_the_setting_leaves_it_to_the_next(tmp_path: Path) -> None:
    first = conf(tmp_path, "[install]\nindex-url =\n[global]\ntimeout = 5\n", "one")
    second = conf(tmp_path, "[global]\nindex-url = https://two.example\n", "two")
    assert pip_index_url({}, [tmp_path / "gone", first, second]) == Told(
        "https://two.example", str(second)
    )


def test_the_command_s_own_section_goes_before_global_of_a_nearer_file(tmp_path: Path) -> None:
    near = conf(tmp_path, "[global]\nconstraint = g.txt\nindex-url = https://g.example\n", "one")
    far = conf(
        tmp_path,
        "[download]\nconstraint = d.txt\n[install]\nindex-url = https://i.example\n",
        "two",
    )
    assert pip_constraints({}, [near, far]) == ("d.txt",)
    assert pip_index_url({}, [near, far]) == Told("https://i.example", str(far))


def test_constraints_of_the_user_do_not_hold_beside_a_named_file(tmp_path: Path) -> None:
    conf(tmp_path, "[global]\nconstraint = b.txt\n")
    (tmp_path / ".pip").mkdir()
    conf(tmp_path, "[global]\nconstraint = b.txt\n", ".pip/pip.conf")
    named = {"PIP_CONFIG_FILE": str(conf(tmp_path, "[global]\ntimeout = 5\n", "named"))}
    files = pip_files(named, tmp_path)
    assert not [path for path in files if path.is_relative_to(tmp_path / ".pip")]
    assert pip_constraints({}, pip_files({}, tmp_path)) == ("b.txt",)


@pytest.mark.parametrize("value", ["file:///srv/index", "ftp://x", "x", "$(evil)"])
def test_an_index_that_is_no_http_address_is_not_used(value: str, tmp_path: Path) -> None:
    path = conf(tmp_path, f"[global]\nindex-url = {value}\n")
    assert pip_index_url({"PIP_INDEX_URL": value}, [path]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"index-url = https://x.example\n",  # no section
        b"[global]\nindex-url = https://a\nindex-url = https://b\n",
        b"[global\nindex-url = https://a\n",
        b"\xff[global]\n",
        b"[global]\nindex-url = https://a\n" + b"#" * (2 << 20),
    ],
)
def test_a_file_that_pip_cannot_read_is_passed_over(data: bytes, tmp_path: Path) -> None:
    good = conf(tmp_path, "[global]\nindex-url = https://good.example\n", "good")
    told = pip_index_url({}, [conf(tmp_path, data), tmp_path, good])
    assert told == Told("https://good.example", str(good))


def test_percent_signs_are_not_evaluated(tmp_path: Path) -> None:
    path = conf(tmp_path, "[global]\nindex-url = https://u:p%40ss@x.example/%(evil)s\n")
    assert pip_index_url({}, [path]) == Told("https://u:p%40ss@x.example/%(evil)s", str(path))


def test_certificates_must_exist(tmp_path: Path) -> None:
    bundle = conf(tmp_path, "PEM", "ca.pem")
    path = conf(tmp_path, f"[global]\ncert = {tmp_path}/gone.pem\n", "one")
    other = conf(tmp_path, f"[global]\ncert = {bundle}\n", "two")
    assert pip_certificates({}, [path]) is None
    assert pip_certificates({}, [path, other]) == Told(str(bundle), str(other))
    environment = {"PIP_CERT": str(tmp_path / "gone"), "SSL_CERT_FILE": str(bundle)}
    assert pip_certificates(environment, []) == Told(str(bundle), "SSL_CERT_FILE")


def test_a_home_directory_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    conf(tmp_path, "PEM", "ca.pem")
    path = conf(tmp_path, "[global]\ncert = ~/ca.pem\n")
    assert pip_certificates({}, [path]) == Told(str(tmp_path / "ca.pem"), str(path))


def test_the_home_of_a_user_that_does_not_exist_is_no_file(tmp_path: Path) -> None:
    path = conf(tmp_path, "[global]\ncert = ~careen-nobody/ca.pem\n")
    assert pip_certificates({}, [path]) is None
