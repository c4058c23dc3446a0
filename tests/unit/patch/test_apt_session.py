"""What apt is asked with, and what it is never asked: sources, signatures, time limits,
passwords.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import InputError, ToolError
from careen.model.patching import PatchChoices
from careen.model.runs.engine import CommandResult
from careen.patch.deb.apt.session import AptSession
from careen.patch.sandbox import Sandbox
from tests.support.trees import tree
from tests.support.watched import DockerContainer

OWN = """\
#careen-source /etc/apt/sources.list
deb http://mirror.example/debian trixie main
deb [arch=amd64 trusted=yes] http://unsigned.example/ ./
#careen-source /etc/apt/sources.list.d/a.sources
Types: deb
URIs: http://archive.debian.org/debian
Suites: trixie
Components: main

Types: deb
URIs: file:/opt/local
Suites: ./
Trusted: yes
"""
CHOICES = PatchChoices(sources=("deb https://me:secret@mirror.example/debian trixie main",))


class Answering(DockerContainer):
    """Answers by the first word that a command holds, and remembers what it was asked."""

    def __init__(self, answers: dict[str, CommandResult]) -> None:
        super().__init__("ab" * 32)
        self.answers = answers
        self.asked: list[tuple[str, ...]] = []

    def exec(
        self, argv: tuple[str, ...], timeout: float, *, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        assert timeout > 0
        assert (env or {}).get("LC_ALL") == "C"
        self.asked.append(argv)
        return next(
            (answer for word, answer in self.answers.items() if any(word in one for one in argv)),
            CommandResult(0, ""),
        )

    def changes(self, destination: Path) -> None:
        raise NotImplementedError(destination)


def session(
    tmp_path: Path, choices: PatchChoices, answers: dict[str, CommandResult] | None = None
) -> tuple[AptSession, Answering]:
    container = Answering(answers or {})
    tmp_path.mkdir(exist_ok=True)
    return (
        AptSession(
            Sandbox(container, tmp_path),
            choices,
            tree({"/etc/ssl/certs/ca-certificates.crt": "own"}),
            place="apt",
        ),
        container,
    )


def test_given_sources_take_the_place_of_the_images_own_and_keys_are_theirs(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    found, _ = session(tmp_path, replace(CHOICES, keys=(str(tmp_path / "key"),)))
    assert "Dir::Etc::sourceparts=/dev/null" in found.options
    assert (
        (tmp_path / "apt/sources.list").read_text()
        == "deb [signed-by=/.careen-sandbox/apt/key-0.asc] https://me:secret@mirror.example/debian trixie main\n"
    )


def test_a_source_that_names_its_key_keeps_it(tmp_path: Path) -> None:
    session(
        tmp_path,
        replace(CHOICES, sources=("deb [signed-by=/usr/share/k.gpg] http://m/ trixie main",)),
        {"echo $f": CommandResult(0, "/usr/share/keyrings/x.gpg")},
    )
    assert (
        tmp_path / "apt/sources.list"
    ).read_text() == "deb [signed-by=/usr/share/k.gpg] http://m/ trixie main\n"


def test_what_the_image_trusts_without_a_signature_is_left_out_with_a_note(tmp_path: Path) -> None:
    found, _ = session(tmp_path, PatchChoices(), {"#careen-source": CommandResult(0, OWN)})
    assert found.sources.uris == (
        "http://mirror.example/debian",
        "http://archive.debian.org/debian",
    )
    assert (
        found.sources.notes[0]
        == "sources that the image trusts without a signature are not used (/etc/apt/sources.list,"
        " /etc/apt/sources.list.d/a.sources)"
    )
    assert "end-of-life releases" in found.sources.notes[1]
    written = "".join(path.read_text() for path in sorted((tmp_path / "apt/sources.d").iterdir()))
    assert "unsigned.example" not in written
    assert "/opt/local" not in written
    assert "mirror.example/debian trixie main" in written


@pytest.mark.parametrize(
    "option",
    ["trusted=yes", "allow-insecure=yes", "Allow-Weak=yes", "allow-downgrade-to-insecure=yes"],
)
def test_no_source_may_do_without_a_signature(tmp_path: Path, option: str) -> None:
    with pytest.raises(InputError, match="valid signature"):
        session(tmp_path, replace(CHOICES, sources=(f"deb [{option}] http://m/ trixie main",)))


def test_the_images_authorities_are_trusted_besides_the_users(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("given")
    found, _ = session(tmp_path, replace(CHOICES, certificates=str(tmp_path / "ca.pem")))
    assert "Acquire::https::CAInfo=/.careen-sandbox/trust/bundle.pem" in found.options
    assert (tmp_path / "trust/bundle.pem").read_text() == "own\ngiven"


def test_nothing_is_ever_asked_to_be_unauthenticated(tmp_path: Path) -> None:
    found, container = session(tmp_path, CHOICES)
    found.update()
    found.simulate(["x=1"])
    found.install(["x=1"])
    words = " ".join(" ".join(argv) for argv in container.asked)
    assert "APT::Get::AllowUnauthenticated=false" in words
    assert "Acquire::AllowInsecureRepositories=false" in words
    assert "--allow" not in words
    assert "--no-remove" in words


def test_a_mirror_that_hangs_is_named_without_its_password(tmp_path: Path) -> None:
    found, _ = session(tmp_path, CHOICES, {"update": CommandResult(None, "0% [Working]")})
    with pytest.raises(
        ToolError,
        match=r"timed out after 300 s.*https://mirror\.example/debian.*another with --source",
    ) as caught:
        found.update()
    assert "secret" not in str(caught.value)


def test_a_warning_about_what_was_not_fetched_is_an_error_and_one_about_the_future_is_not(
    tmp_path: Path,
) -> None:
    later = (
        "W: https://mirror.example/InRelease: Policy will reject signature within a year, see"
        " --audit for details\n"
    )
    session(tmp_path / "a", CHOICES, {"update": CommandResult(0, later)})[0].update()
    with pytest.raises(ToolError, match="Could not resolve"):
        session(
            tmp_path / "b",
            CHOICES,
            {
                "update": CommandResult(
                    0,
                    "W: Failed to fetch https://mirror.example/x  Could not resolve"
                    " 'mirror.example'\n",
                )
            },
        )[0].update()


def test_lists_are_fetched_once_for_a_sandbox(tmp_path: Path) -> None:
    found, container = session(tmp_path, CHOICES)
    found.update()
    found.update()
    assert sum("update" in argv for argv in container.asked) == 1


def test_the_installed_paragraph_gives_way_to_the_one_with_a_digest(tmp_path: Path) -> None:
    shown = (
        "Package: x\nVersion: 1\nArchitecture: amd64\n\nPackage: x\nVersion: 1\nArchitecture:"
        " amd64\nSHA256: abc\n\nN: a word\n"
    )
    found, _ = session(tmp_path, CHOICES, {"show": CommandResult(0, shown)})
    assert found.show([("x", "1")])["x", "amd64", "1"].get("SHA256") == "abc"


def test_the_sandboxs_proxy_counts_before_the_images_own(tmp_path: Path) -> None:
    environment = {"http_proxy": "http://127.0.0.1:3128", "https_proxy": "http://127.0.0.1:3128"}
    rootfs = tree({"/etc/apt/apt.conf": 'Acquire::http::Proxy "http://10.0.0.1:3128";'})
    made = AptSession(Sandbox(Answering({}), tmp_path, environment), CHOICES, rootfs, place="apt")
    assert {
        f"Acquire::{scheme}::Proxy=http://127.0.0.1:3128" for scheme in ("http", "https")
    } <= set(made.options)
    assert not [each for each in session(tmp_path / "none", CHOICES)[0].options if "Proxy" in each]
