"""A package that the image does not have, by its own apt: nothing that is installed may change."""

from pathlib import Path

import pytest

from careen.errors import InputError
from careen.inventory.scan import scan
from careen.model.patching import PatchChoices
from careen.patch.deb.apt.adding import additions, why_not
from careen.patch.deb.apt.patcher import Apt
from careen.patch.port import Ground
from careen.patch.sandbox import Sandbox
from tests.support.told_apt import Offered, ToldApt
from tests.support.trees import Exec, tree
from tests.unit.patch.test_apt_patcher import FILES, PROGRAMS

NAME = "openssl-provider-fips"
INSTALL = f"Inst {NAME} (3.5.9-1 Debian:13/stable [amd64])\n"


def ground(choices: PatchChoices | None = None) -> Ground:
    rootfs = tree(FILES)
    return Ground(rootfs, scan(rootfs), choices or PatchChoices())


def told(tmp_path: Path, said: str, status: int = 0) -> ToldApt:
    """Return an apt that says this of installing the package."""
    apt = ToldApt(tmp_path, Offered(NAME, "3.5.9-1", {}))
    apt.said = {("apt-get", NAME): (status, said)}
    return apt


def box(apt: ToldApt) -> Sandbox:
    return Sandbox(apt.container, apt.scratch)


def test_package_is_installed_as_it_was_offered(tmp_path: Path) -> None:
    apt = told(tmp_path, INSTALL)
    (upgrade,) = additions(ground(), NAME, box(apt))
    assert (upgrade.name, upgrade.installed, upgrade.target) == (NAME, "", "3.5.9-1")
    assert upgrade.purl == f"pkg:deb/debian/{NAME}@3.5.9-1?arch=amd64"
    applied = Apt(ground()).apply((upgrade,), box(apt))
    assert applied.versions == {f"apt:{NAME}": "3.5.9-1"}


@pytest.mark.parametrize(
    ("said", "status", "complaint"),
    [
        (f"E: Unable to locate package {NAME}\n", 100, "do not offer it"),
        ("", 0, "apt would do nothing"),
        (f"Inst libc6 [2.1] (2.2 Debian:13/stable [amd64])\n{INSTALL}", 0, "would change libc6"),
        (f"Remv tool [1.0]\n{INSTALL}", 0, "would change tool"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, said: str, status: int, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        additions(ground(), NAME, box(told(tmp_path, said, status)))


def test_image_without_sources_and_a_run_without_network(tmp_path: Path) -> None:
    apt = told(tmp_path, INSTALL)
    apt.uri = ""
    with pytest.raises(InputError, match="names no signed package sources"):
        additions(ground(), NAME, box(apt))
    offline, here = ground(PatchChoices(online=False)), box(told(tmp_path, INSTALL))
    with pytest.raises(InputError, match="need the network"):
        additions(offline, NAME, here)


def test_image_whose_apt_does_not_run() -> None:
    assert why_not(ground()) == ""
    lacking = {path: data for path, data in FILES.items() if path != "/usr/bin/apt-get"}
    rootfs = tree(lacking)
    assert "it lacks /usr/bin/apt-get" in why_not(Ground(rootfs, scan(rootfs), PatchChoices()))
    other = tree({path: Exec(b"x") for path in PROGRAMS})
    assert why_not(Ground(other, scan(other), PatchChoices())) == "the image has no Debian packages"
    apk = tree({**dict.fromkeys(PROGRAMS, b"x"), "/lib/apk/db/installed": "P:a\nV:1-r0\n\n"})
    said = why_not(Ground(apk, scan(apk), PatchChoices()))
    assert said == "the image has no Debian packages, but those of apk"
