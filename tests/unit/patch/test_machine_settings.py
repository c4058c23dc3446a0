"""This machine's own certificates and Python index serve where the user names none, and that is
said.
"""

from pathlib import Path

import pytest

from careen.cli.settle_patch import with_machine
from careen.errors import ToolError
from careen.model.patching import PatchChoices
from careen.model.paths import ROOT
from careen.patch.python.questions import refused
from careen.patch.python.sources import public_index, sources_of
from careen.patch.web import permit_of
from careen.tools.pip_settings import pip_certificates, pip_files, pip_index_url
from tests.support.trees import tree

INDEX = "https://packages.example/simple"
UV = (
    "error: Failed to fetch: https://packages.example/simple/x/ Caused by: invalid peer"
    " certificate: UnknownIssuer hint: Consider enabling use of system TLS certificates with the"
    " `--system-certs` command-line flag"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / "ca.pem").touch()
    (tmp_path / "other.pem").touch()
    return tmp_path


def configured(home: Path, text: str) -> None:
    (home / ".config/pip/pip.conf").write_text(text)


@pytest.mark.parametrize("name", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_of_the_environment(home: Path, name: str) -> None:
    choices, taken = with_machine(
        PatchChoices(), {name: str(home / "ca.pem"), "PIP_CONFIG_FILE": "/dev/null"}, home
    )
    assert choices.certificates == str(home / "ca.pem")
    assert taken == (
        f"package managers trust {home}/ca.pem, too, as {name} says; --ca names another file",
    )


def test_settings_of_pip(home: Path) -> None:
    configured(
        home,
        f"[global]\ncert = {home}/ca.pem\nindex_url ="
        f" https://me:secret@packages.example/simple\n[install]\ncert = {home}/other.pem\n",
    )
    choices, taken = with_machine(PatchChoices(), {}, home)
    assert choices.certificates == f"{home}/other.pem"
    assert choices.python_default == "https://me:secret@packages.example/simple"
    assert f"as {home}/.config/pip/pip.conf says" in taken[1]
    assert "secret" not in "".join(taken)


def test_what_the_user_names_counts(home: Path) -> None:
    named = PatchChoices(certificates="mine.pem", python_index="https://mine.example")
    assert with_machine(
        named, {"PIP_CERT": str(home / "ca.pem"), "PIP_INDEX_URL": INDEX}, home
    ) == (named, ())
    for other in (PatchChoices(online=False), PatchChoices(no_index=True, certificates="mine.pem")):
        assert with_machine(
            other, {"PIP_INDEX_URL": INDEX, "PIP_CONFIG_FILE": "/dev/null"}, home
        ) == (other, ())


@pytest.mark.parametrize(
    "text", ["", "[global\n", "\xff", "[global]\ncert = /gone.pem\nindex-url = file:///etc\n"]
)
def test_what_pip_could_not_use_is_passed_over(home: Path, text: str) -> None:
    (home / ".config/pip/pip.conf").write_bytes(text.encode("latin-1"))
    files = pip_files({}, home)[:1]
    assert pip_certificates({"PIP_CERT": "/gone.pem"}, files) is None
    assert pip_index_url({}, files) is None


def test_a_file_of_nothing_turns_the_files_off(home: Path) -> None:
    assert pip_files({"PIP_CONFIG_FILE": "/dev/null"}, home) == ()
    named = home / "x.conf"
    named.touch()
    found = pip_files({"PIP_CONFIG_FILE": str(named), "XDG_CONFIG_HOME": "/y"}, home)
    assert found[0] == named
    assert Path("/y/pip/pip.conf") not in found


def test_the_index_stands_for_the_public_one_alone() -> None:
    choices = PatchChoices(python_default=INDEX)
    assert sources_of(choices, tree({}), ROOT, {}).indexes == (INDEX,)
    assert sources_of(
        choices, tree({}), ROOT, {"PIP_INDEX_URL": "https://image.example"}
    ).indexes == ("https://image.example",)
    assert sources_of(PatchChoices(), tree({}), ROOT, {}).indexes == (public_index(),)
    assert "packages.example" in str(permit_of(choices).named)


def test_an_authority_that_is_not_known_is_told_with_the_option() -> None:
    with pytest.raises(ToolError) as caught:
        refused(UV, "resolving")
    assert "--ca FILE" in str(caught.value)
    assert "UnknownIssuer" in str(caught.value)
    assert "--system-certs" not in str(caught.value)
