"""Which Python environments an image has, from its files alone."""

import json

import pytest

from careen.inventory import conda
from careen.inventory.dpkg import find as dpkg
from careen.inventory.python import find as python
from careen.inventory.scan import scan, scan_contents
from careen.model.packages.package import Ecosystem
from careen.model.patching import Aim, BlockReason, PatchChoices
from careen.oci.tree.rootfs import Rootfs
from careen.patch.port import Ground
from careen.patch.python.environments import Environment, environments
from careen.patch.python.patcher import PythonPatcher, UnmanagedPython, find
from careen.patch.sandbox import Sandbox
from tests.support.python_envs import Dummy
from tests.support.trees import Exec, Link, tree

ELF = Exec(b"\x7fELF")


def dist(
    site: str, name: str, version: str = "1.0", installer: str = "pip", **more: str
) -> dict[str, str]:
    info = f"{site}/{name}-{version}.dist-info"
    files = {
        f"{site}/{name}/__init__.py": "",
        f"{info}/METADATA": f"Name: {name}\nVersion: {version}\n",
        f"{info}/INSTALLER": f"{installer}\n",
    }
    rows = [
        f"{name}/__init__.py,,",
        *(f"{path.removeprefix(site + '/')},," for path in files if ".dist-info" in path),
        f"{name}-{version}.dist-info/RECORD,,",
    ]
    return {
        **files,
        f"{info}/RECORD": "\n".join(rows) + "\n",
        **{f"{info}/{key.replace('_json', '.json')}": text for key, text in more.items()},
    }


def found(rootfs: Rootfs) -> dict[str, Environment]:
    return {each.prefix: each for each in environments(rootfs, scan(rootfs, (dpkg, python, conda)))}


def names(environment: Environment) -> list[str]:
    return sorted(each.name for each in environment.dists.values())


def test_debian_has_one_python_with_two_directories_of_which_one_is_its_packages() -> None:
    rootfs = tree(
        {
            "/usr/bin/python3.13": ELF,
            "/usr/bin/python3": Link("python3.13"),
            "/usr/lib/python3.13/EXTERNALLY-MANAGED": "",
            **dist("/usr/local/lib/python3.13/dist-packages", "added"),
            **dist("/usr/lib/python3/dist-packages", "requests", installer="debian"),
            "/var/lib/dpkg/status": (
                "Package: python3-requests\nStatus: install ok installed\nArchitecture:"
                " all\nVersion: 2.32.3-1\n\n"
            ),
            "/var/lib/dpkg/info/python3-requests.list": (
                "/usr/lib/python3/dist-packages/requests-1.0.dist-info/METADATA\n"
                "/usr/lib/python3/dist-packages/requests/__init__.py\n"
            ),
        }
    )
    (environment,) = found(rootfs).values()
    assert (
        environment.prefix,
        environment.kind,
        environment.python,
        environment.version,
        environment.managed,
    ) == (
        "/usr",
        "system",
        "/usr/bin/python3.13",
        "3.13",
        True,
    )
    assert environment.sites == (
        "/usr/local/lib/python3.13/dist-packages",
        "/usr/lib/python3/dist-packages",
    )
    assert environment.scripts == "/usr/local/bin"
    assert {each.name: each.foreign for each in environment.dists.values()} == {
        "added": "",
        "requests": (
            "owned by the Debian package python3-requests 2.32.3-1, which is what to upgrade"
        ),
    }


def test_two_pythons_beside_each_other_are_two() -> None:
    rootfs = tree(
        {
            "/usr/bin/python3.13": ELF,
            "/usr/bin/python3": Link("python3.13"),
            "/usr/local/bin/python3.11": ELF,
            **dist("/usr/local/lib/python3.11/site-packages", "here"),
            **dist("/usr/local/lib/python3.13/dist-packages", "there"),
        }
    )
    assert {prefix: (each.python, names(each)) for prefix, each in found(rootfs).items()} == {
        "/usr": ("/usr/bin/python3.13", ["there"]),
        "/usr/local": ("/usr/local/bin/python3.11", ["here"]),
    }


@pytest.mark.parametrize(
    ("prefix", "config", "more", "installer"),
    [
        ("/opt/venv", "", {}, "pip"),
        ("/app/.venv", "uv = 0.5.1\n", {}, "uv"),
        (
            "/root/.local/share/pipx/venvs/tool",
            "",
            {"/root/.local/share/pipx/venvs/tool/pipx_metadata.json": "{}"},
            "pipx",
        ),
    ],
)
def test_a_virtual_environment_says_who_made_it(
    prefix: str, config: str, more: dict[str, str], installer: str
) -> None:
    site = f"{prefix}/lib/python3.11/site-packages"
    rootfs = tree(
        {
            "/usr/local/bin/python3.11": ELF,
            f"{prefix}/bin/python": Link("/usr/local/bin/python3.11"),
            f"{prefix}/pyvenv.cfg": (
                f"home = /usr/local/bin\ninclude-system-site-packages = true\n{config}"
            ),
            **dist(site, "alpha"),
            **dist("/usr/local/lib/python3.11/site-packages", "pip"),
            **more,
        }
    )
    environment = found(rootfs)[prefix]
    assert (environment.kind, environment.python, environment.installer) == (
        "venv",
        f"{prefix}/bin/python",
        installer,
    )
    assert environment.shared == ("/usr/local/lib/python3.11/site-packages",)
    assert (names(environment), [each.name for each in environment.base]) == (["alpha"], ["pip"])


def test_a_link_that_leads_nowhere_is_no_interpreter() -> None:
    site = "/opt/venv/lib/python3.11/site-packages"
    rootfs = tree(
        {
            "/opt/venv/bin/python": Link("/gone/python3.11"),
            "/opt/venv/pyvenv.cfg": "home = /gone\n",
            **dist(site, "alpha"),
        }
    )
    assert found(rootfs)["/opt/venv"].python == ""


def test_poetry_is_told_by_what_it_installed() -> None:
    site = "/opt/venv/lib/python3.11/site-packages"
    rootfs = tree(
        {
            "/opt/venv/bin/python": ELF,
            "/opt/venv/pyvenv.cfg": "",
            **dist(site, "a", installer="poetry 1.8.3"),
        }
    )
    assert found(rootfs)["/opt/venv"].installer == "poetry"


def test_a_target_directory_is_of_the_python_that_its_extensions_are_for() -> None:
    rootfs = tree(
        {
            "/usr/local/bin/python3.11": ELF,
            "/opt/python/bin/python3.12": ELF,
            **dist("/usr/local/lib/python3.11/site-packages", "x"),
            **dist("/opt/python/lib/python3.12/site-packages", "y"),
            **dist("/app/deps", "alpha"),
            "/app/deps/alpha/_c.cpython-312-x86_64-linux-gnu.so": "",
            "/app/deps/alpha-1.0.dist-info/RECORD": (
                "alpha/__init__.py,,\nalpha/_c.cpython-312-x86_64-linux-gnu.so,,\nalpha-1.0.dist-info/METADATA,,\n"
            ),
            **dist("/srv/other", "beta"),
        }
    )
    assert (found(rootfs)["/app/deps"].kind, found(rootfs)["/app/deps"].python) == (
        "target",
        "/opt/python/bin/python3.12",
    )
    assert found(rootfs)["/srv/other"].python == ""  # either could be


def test_the_directory_of_a_user_sees_the_systems() -> None:
    rootfs = tree(
        {
            "/usr/local/bin/python3.11": ELF,
            **dist("/usr/local/lib/python3.11/site-packages", "base"),
            **dist("/home/app/.local/lib/python3.11/site-packages", "own"),
        }
    )
    environment = found(rootfs)["/home/app/.local"]
    assert (environment.kind, environment.python, names(environment)) == (
        "user",
        "/usr/local/bin/python3.11",
        ["own"],
    )
    assert [each.name for each in environment.base] == ["base"]


CONDA = json.dumps(
    {
        "name": "numpy",
        "version": "1.0",
        "build": "0",
        "files": ["lib/python3.11/site-packages/numpy-1.0.dist-info/METADATA"],
    }
)
SITE = "/opt/conda/lib/python3.11/site-packages"
FILES: dict[str, bytes | str | Link | None] = {
    "/opt/conda/bin/python3.11": ELF,
    "/opt/conda/conda-meta/numpy-1.0-0.json": CONDA,
    **dist(SITE, "numpy", installer="conda"),
    **dist(SITE, "plain"),
    **dist(SITE, "work", direct_url_json='{"url": "file:///src", "dir_info": {"editable": true}}'),
    **dist(
        SITE,
        "fork",
        direct_url_json=(
            '{"url": "https://example.com/f.git", "vcs_info": {"vcs": "git", "commit_id": "0"}}'
        ),
    ),
    f"{SITE}/legacy-1.0.egg-info": "Name: legacy\nVersion: 1.0\n",
    f"{SITE}/legacy.py": "",
}


def test_what_is_not_the_environments_to_upgrade_says_whose_it_is() -> None:
    environment = found(tree(FILES))["/opt/conda"]
    assert (environment.kind, environment.installer) == ("conda", "conda")
    assert {each.name: each.foreign for each in environment.dists.values()} == {
        "numpy": "owned by the conda package numpy 1.0, which is what to upgrade",
        "plain": "",
        "work": "an editable install: its source tree is what to change",
        "fork": "installed from a source tree or repository, not from an index",
        "legacy": "it has no RECORD, so which files are its own cannot be told",
    }


def test_every_package_has_one_patcher_and_what_lies_elsewhere_is_answered() -> None:
    vendored = dist("/opt/venv/lib/python3.11/site-packages/setuptools/_vendor", "wheel")
    own = dist("/opt/venv/lib/python3.11/site-packages", "setuptools")
    record = "/opt/venv/lib/python3.11/site-packages/setuptools-1.0.dist-info/RECORD"
    own[record] += "".join(
        f"setuptools/_vendor/{path.rpartition('/_vendor/')[2]},,\n" for path in vendored
    )
    rootfs = tree(
        {"/opt/venv/bin/python": ELF, "/opt/venv/pyvenv.cfg": "", **own, **vendored, **FILES}
    )
    inventory = scan(rootfs, (dpkg, python, conda))
    patchers = find(Ground(rootfs, inventory, PatchChoices()))
    assert [each.name for each in patchers] == [
        "python /opt/conda",
        "python /opt/venv",
        "python elsewhere",
    ]
    claimed: dict[str, list[str]] = {}
    for purl, package in inventory.packages.items():
        aim = Aim(purl, package.name, package.version, package.ecosystem, {"cve": ("9",)})
        claimed[purl] = [each.name for each in patchers if each.claims(aim)]
    assert all(len(each) == 1 for each in claimed.values()), claimed
    (last,) = (each for each in patchers if isinstance(each, UnmanagedPython))
    aims = [
        Aim(purl, purl, "1.0", Ecosystem.PYPI, {"cve": ("9",)})
        for purl, by in claimed.items()
        if by == [last.name]
    ]
    blocked = {
        each.purl: (each.barrier, each.detail) for each in last.propose(aims, _no_sandbox()).blocked
    }
    assert claimed["pkg:pypi/wheel@1.0"] == [
        "python /opt/venv"
    ]  # a copy inside setuptools is upgraded with it
    (conda_purl,) = (purl for purl in blocked if purl.startswith("pkg:conda/"))
    assert blocked[conda_purl][0] is BlockReason.NO_MEANS


def test_of_two_distributions_of_one_name_python_finds_the_first_on_its_path() -> None:
    rootfs = tree(
        {
            "/usr/bin/python3.11": ELF,
            "/usr/bin/python3": Link("python3.11"),
            **dist("/usr/local/lib/python3.11/dist-packages", "wheel", "0.37.1"),
            **dist("/usr/lib/python3/dist-packages", "wheel", "0.38.4"),
            **dist("/usr/lib/python3/dist-packages", "six"),
        }
    )
    (environment,) = environments(rootfs, scan(rootfs, (python,)))
    assert len(environment.dists) == 3
    assert {name: each.installed.version for name, each in environment.visible.items()} == {
        "wheel": "0.37.1",
        "six": "1.0",
    }


@pytest.mark.parametrize(
    ("owned", "words"),
    [
        (True, " of seeder 1.0; only a version of that which brings a newer archive fixes it"),
        (False, ", which no package owns; what brings the archive is what to upgrade"),
    ],
)
def test_what_an_archive_holds_stays_with_the_name_of_what_brings_it(
    words: str, *, owned: bool
) -> None:
    site = "/opt/venv/lib/python3.11/site-packages"
    own = dist(site, "seeder")
    wheel = Dummy("low", "1.0")
    if owned:
        own[f"{site}/seeder-1.0.dist-info/RECORD"] += f"embed/{wheel.filename},,\n"
    archive = {f"{site}/embed/{wheel.filename}": wheel.wheel()}
    python_here = {"/opt/venv/bin/python": ELF}
    rootfs = tree({**python_here, "/opt/venv/pyvenv.cfg": "", **own, **archive})
    stock = scan_contents(rootfs, scan(rootfs, (python,)))
    (aim,) = (
        Aim(purl, each.name, each.version, Ecosystem.PYPI, {"cve": ("9",)})
        for purl, each in stock.packages.items()
        if each.name == "low"
    )
    patcher = next(each for each in find(Ground(rootfs, stock, PatchChoices())) if each.claims(aim))
    (blocked,) = patcher.propose([aim], _no_sandbox()).blocked
    assert blocked.barrier is BlockReason.FOREIGN
    assert blocked.detail == f"inside the archive {site}/embed/{wheel.filename}{words}"


def test_foreign_ones_are_blocked_without_asking_anybody() -> None:
    rootfs = tree(FILES)
    patcher = next(
        each
        for each in find(Ground(rootfs, scan(rootfs, (python, conda)), PatchChoices()))
        if isinstance(each, PythonPatcher)
    )
    aims = [
        Aim(purl, each.name, "1.0", Ecosystem.PYPI, {"cve": ("9",)})
        for purl, each in patcher.environment.dists.items()
        if each.foreign
    ]
    assert {(each.name, each.barrier) for each in patcher.propose(aims, _no_sandbox()).blocked} == {
        (name, BlockReason.FOREIGN) for name in ("fork", "legacy", "numpy", "work")
    }


def _no_sandbox() -> Sandbox:
    """A sandbox that any use of would fail."""
    return None  # type: ignore[return-value]
