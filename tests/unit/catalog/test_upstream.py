"""A base cut from an upstream image: its terms, its variant, and whether it starts."""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.catalog.contract.sides import Side
from careen.catalog.definition import definition
from careen.catalog.entries import Catalog, load_catalog
from careen.catalog.recipe import Recipe, recipe
from careen.catalog.upstream.started import cannot_start
from careen.catalog.upstream.terms import terms_of
from careen.catalog.upstream.variant import variant_layer, variant_settings
from careen.cli.bases.build import build
from careen.errors import InputError
from careen.inventory.scan import scan
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.terms import Terms
from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Package
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath
from careen.patch.policy import Policy, PolicyRule
from careen.pipeline.catalog.curate import with_majors
from careen.pipeline.catalog.listing import show_base
from careen.pipeline.upgrading.options import PatchOptions
from tests.support.trees import Exec, Link, SetId, tree

OWN = """schema = 1
[[entry]]
name = "golden:1"
title = "Golden"
distribution = "debian"
variants = ["runtime", "compat", "dev"]
upstream = "acme/golden:1"
packages = ["app"]
user = "65532:65532"
environment = { LANG = "C.UTF-8", COMPANY = "other" }
users = [{ name = "nonroot", uid = 65532, home = "/home/nonroot" }]
links = [{ path = "/usr/local/bin/app", target = "/usr/bin/app" }]
unowned = ["/opt/acme/**"]

[[entry.omitted]]
names = ["helper"]
reason = "only scripts need it"

[[entry.dropped]]
names = ["/usr/share/doc/**"]
reason = "documentation"
"""


def package(name: str, depends: str = "") -> str:
    lines = [f"Package: {name}", "Status: install ok installed", "Version: 1", "Architecture: all"]
    return "\n".join((*lines, *([f"Depends: {depends}"] if depends else []), ""))


FILES: Mapping[str, Any] = {
    "/var/lib/dpkg/status": "\n".join(
        (
            *(package("app", "lib, helper"), package("lib"), package("helper")),
            *(package("dash"), package("other")),
        )
    ),
    "/var/lib/dpkg/info/app.list": "/usr/bin/app\n/usr/share/doc/app/readme\n",
    "/var/lib/dpkg/info/lib.list": "/usr/lib/libx.so.1\n",
    "/var/lib/dpkg/info/helper.list": "/usr/bin/helper\n",
    "/var/lib/dpkg/info/dash.list": "/usr/bin/dash\n/usr/share/dash\n",
    "/var/lib/dpkg/info/other.list": "/usr/bin/other\n/usr/bin/su\n",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "/etc/group": "root:x:0:\n",
    "/etc/os-release": "ID=debian\n",
    "/usr/share/zoneinfo/UTC": "utc",
    "/usr/share/doc/app/readme": "x",
    "/usr/share/dash": "x",
    "/usr/bin/app": Exec(b"app"),
    "/usr/bin/helper": Exec(b"helper"),
    "/usr/bin/other": Exec(b"other"),
    "/usr/bin/dash": Exec(b"dash"),
    "/usr/bin/su": SetId(b"su"),
    "/usr/bin/sh": Link("dash"),
    "/bin": Link("usr/bin"),
    "/usr/lib/libx.so.1": "lib",
    "/opt/acme/ca.pem": "pem",
    "/opt/rest": "rest",
    "/srv": None,
}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    (tmp_path / "own.toml").write_text(OWN)
    return load_catalog((tmp_path / "own.toml",))


def wanted(catalog: Catalog, variant: Variant) -> tuple[Recipe, tuple[Entry, ...]]:
    entry = catalog.find("golden:1")
    return recipe(catalog, entry, variant), catalog.chain(entry)


def terms(catalog: Catalog, variant: Variant) -> Terms:
    return terms_in(FILES, catalog, variant)


def terms_in(files: Mapping[str, Any], catalog: Catalog, variant: Variant) -> Terms:
    root = tree(files)
    side = Side(root, scan(root), ImageConfig({"config": {}}))
    return terms_of(side, *wanted(catalog, variant))


def test_essential_packages_stay_where_a_package_manager_is(catalog: Catalog) -> None:
    status = str(FILES["/var/lib/dpkg/status"])
    files = {
        **FILES,
        "/var/lib/dpkg/status": status.replace(
            "Package: other\n", "Package: other\nEssential: yes\n"
        ),
    }
    assert "/usr/bin/other" not in terms(catalog, Variant.COMPAT).keep
    assert "/usr/bin/other" in terms_in(files, catalog, Variant.COMPAT).keep
    assert "/usr/bin/other" not in terms_in(files, catalog, Variant.RUNTIME).keep


def test_what_the_contract_compares_and_the_entry_names_must_stay(catalog: Catalog) -> None:
    for variant in (Variant.RUNTIME, Variant.COMPAT):
        keep = terms(catalog, variant).keep
        assert {"/etc/passwd", "/etc/os-release", "/usr/share/zoneinfo/UTC", "/bin"} <= keep.keys()
        assert {"/usr/bin/app", "/usr/lib/libx.so.1", "/opt/acme/ca.pem", "/srv"} <= keep.keys()
        assert not {"/usr/bin/other", "/opt/rest"} & keep.keys()


def test_authorities_of_red_hat_must_stay(catalog: Catalog) -> None:
    real = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"
    link = "/etc/pki/tls/certs/ca-bundle.crt"
    files = {**FILES, real: "pem", link: Link(real)}
    assert {real, link} <= terms_in(files, catalog, Variant.RUNTIME).keep.keys()


def test_compat_keeps_shell_setuid_files_and_libraries_and_forbids_nothing(
    catalog: Catalog,
) -> None:
    found = terms(catalog, Variant.COMPAT)
    assert {"/usr/bin/dash", "/usr/bin/sh", "/usr/bin/su", "/usr/bin/helper"} <= found.keep.keys()
    assert not found.remove


def test_runtime_forbids_shells_setuid_files_and_omitted_packages(catalog: Catalog) -> None:
    found = terms(catalog, Variant.RUNTIME)
    gone = {"/usr/bin/dash", "/usr/share/dash", "/usr/bin/sh", "/usr/bin/su", "/usr/bin/helper"}
    assert gone | {"/usr/share/doc/app/readme"} == found.remove.keys()
    assert not gone & found.keep.keys()
    assert "/bin" not in found.remove  # a link to a directory is no program
    assert found.remove[next(x for x in found.remove if x.endswith("helper"))] == (
        "only scripts need it"
    )
    assert "/usr/share/doc/app/readme" not in found.keep


def test_runtime_forbids_shells_and_managers_of_any_place(catalog: Catalog) -> None:
    usual = {"/usr/local/bin/bash", "/usr/bin/zsh", "/usr/bin/rpm", "/usr/sbin/apk"}
    own = "/opt/acme/sh"
    files = {**FILES, **dict.fromkeys((*usual, own), Exec(b"x"))}
    files["/var/lib/dpkg/info/app.list"] += f"{own}\n"
    found = terms_in(files, catalog, Variant.RUNTIME)
    assert usual | {own} <= found.remove.keys()
    assert not (usual | {own}) & found.keep.keys()
    assert "/usr/bin/app" in found.keep
    assert usual <= terms_in(files, catalog, Variant.COMPAT).keep.keys()


def test_runtime_leaves_out_what_the_entry_drops_but_no_licence(catalog: Catalog) -> None:
    readme, licence = "/usr/share/doc/app/readme", "/usr/share/doc/app/copyright"
    files = {**FILES, licence: "x", "/usr/share/doc/none/readme": "x"}
    files["/var/lib/dpkg/info/app.list"] += f"{licence}\n"
    found = terms_in(files, catalog, Variant.RUNTIME)
    assert found.remove[ImagePath(readme)] == "documentation"
    assert "/usr/share/doc/none/readme" in found.remove  # of no package
    assert licence not in found.remove
    assert readme not in terms_in(files, catalog, Variant.COMPAT).remove


def test_wheels_of_the_entry_stay_whole(catalog: Catalog) -> None:
    named = {ImagePath("/usr/share/doc/app/readme"), ImagePath("/opt/rest")}
    root = tree(FILES)
    side = Side(root, scan(root), ImageConfig({"config": {}}))
    for variant in (Variant.RUNTIME, Variant.COMPAT):
        found = terms_of(side, *wanted(catalog, variant), named)
        assert named <= found.keep.keys()
        assert not named & found.remove.keys()


def test_an_entry_inherits_the_image_that_it_is_cut_from(tmp_path: Path) -> None:
    more = (
        OWN
        + """
[[entry]]
name = "app:1"
title = "App"
inherits = "golden:1"
pip = ["idna"]
"""
    )
    (tmp_path / "own.toml").write_text(more)
    catalog = load_catalog((tmp_path / "own.toml",))
    made = recipe(catalog, catalog.find("app:1"), Variant.RUNTIME)
    assert (made.upstream, made.has_wheels) == ("acme/golden:1", True)


def test_an_entry_allows_new_major_versions_unless_a_rule_of_the_user_says_otherwise(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace("user =", 'major_upgrades = ["pypi:pip", "setuptools"]\nuser =', 1))
    catalog = load_catalog((path,))
    chain = catalog.chain(catalog.find("golden:1"))
    held = PolicyRule(("setuptools",), "pkg_resources is used", "patch.toml:2", allow_major=False)
    patch = PatchOptions(PatchChoices(), Policy((held,)))
    policy = with_majors(patch, "golden:1", chain).policy
    allowed = {name: policy.on(pypi(name)).allow_major for name in ("pip", "setuptools", "idna")}
    assert allowed == {"pip": True, "setuptools": False, "idna": None}
    assert policy.on(pypi("pip")).word == "entry golden:1: the entry allows new major versions"
    assert show_base("golden:1", (path,)).major_upgrades == ("pypi:pip", "setuptools")
    assert definition(chain) == definition([replace(x, major_upgrades=()) for x in chain])


def pypi(name: str) -> Package:
    record = ImagePath(f"/site/{name}-1.dist-info/RECORD")
    return Package(Ecosystem.PYPI, name, "1", f"pkg:pypi/{name}@1", record, ())


@pytest.mark.parametrize("words", [("--allow-major",), ("--upgrade", "latest")])
def test_a_base_of_packages_takes_no_reach(words: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=f"{words[0]}: applies to a base that is cut from"):
        build.main(["debian:trixie", "-o", "oci:out", *words], standalone_mode=False)


def members(catalog: Catalog, variant: Variant, files: Mapping[str, Any]) -> dict[str, Any]:
    data = variant_layer(tree(files), *wanted(catalog, variant), 1_700_000_000)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {each.name: tar.extractfile(each) if each.isfile() else each for each in tar}


def test_runtime_adds_the_account_and_links_that_upstream_lacks(catalog: Catalog) -> None:
    made = members(catalog, Variant.RUNTIME, FILES)
    assert b"nonroot:x:65532:" in made["etc/passwd"].read()
    assert made["home/nonroot"].uid == 65532
    assert made["usr/local/bin/app"].linkname == "/usr/bin/app"
    there = {**FILES, "/usr/local/bin/app": Exec(b"own")}
    assert "usr/local/bin/app" not in members(catalog, Variant.RUNTIME, there)
    known = {**FILES, "/etc/passwd": f"{FILES['/etc/passwd']}nonroot:x:65532:65532::/:/no\n"}
    assert "etc/passwd" not in members(catalog, Variant.RUNTIME, known)
    assert "etc/passwd" not in members(catalog, Variant.COMPAT, FILES)


def test_an_account_whose_number_another_one_has_is_refused(catalog: Catalog) -> None:
    taken = {**FILES, "/etc/passwd": "app:x:65532:1::/:/no\n"}
    with pytest.raises(InputError, match="nonroot"):
        members(catalog, Variant.RUNTIME, taken)


def test_variables_of_upstream_win_and_a_shell_is_no_longer_started(catalog: Catalog) -> None:
    document = {
        "Env": ["PATH=/bin", "COMPANY=acme"],
        "Cmd": ["/bin/bash"],
        "Labels": {"a": "b"},
        "User": "app",
    }
    config = ImageConfig({"config": document})
    cut = variant_settings(config, wanted(catalog, Variant.RUNTIME)[0], {"c": "d"})
    assert set(cut["Env"]) == {"PATH=/bin", "COMPANY=acme", "LANG=C.UTF-8"}
    assert (cut["Cmd"], cut["User"], cut["Labels"]) == ([], "65532:65532", {"a": "b", "c": "d"})
    compat = variant_settings(config, wanted(catalog, Variant.COMPAT)[0], {})
    assert not {"Cmd", "User"} & compat.keys()
    served = replace(config, document={"config": {**document, "Cmd": ["nginx"]}})
    assert "Cmd" not in variant_settings(served, wanted(catalog, Variant.RUNTIME)[0], {})


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({}, ""),
        ({"Entrypoint": ["app"], "Env": ["PATH=/usr/bin"]}, ""),
        ({"Cmd": ["/usr/bin/app"]}, ""),
        ({"Cmd": ["missing"]}, "'missing', which is not there"),
        ({"Cmd": ["app"], "Env": ["PATH=/sbin"]}, "'app', which is not there"),
        ({"Entrypoint": ["/start.sh"], "Cmd": ["x"]}, "script of '/bin/gone'"),
        ({"Entrypoint": ["start.sh"], "WorkingDir": "/", "Env": ["PATH=/"]}, "script of"),
        ({"Entrypoint": ["/good.sh"]}, ""),
    ],
)
def test_what_cannot_start_is_named(config: dict[str, Any], why: str) -> None:
    scripts = {"/start.sh": Exec(b"#!/bin/gone -e\n"), "/good.sh": Exec(b"#! /bin/sh\n")}
    said = cannot_start(tree({**FILES, **scripts}), ImageConfig({"config": config}))
    assert why in said if why else said == ""


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("#!/usr/bin/env bash", "bash"),
        ("#!/usr/bin/env -S -i A=b bash -eu", "bash"),
        ("#!/usr/bin/env -Sbash -eu", "bash"),
        ("#!/usr/bin/env A=b /opt/gone", "/opt/gone"),
        ("#!/usr/local/bin/env app", "/usr/local/bin/env"),
        ("#!/usr/bin/env app", ""),
        ("#!/usr/bin/env -S -i A=b app", ""),
        ("#!/usr/bin/env -S -u HOME app", ""),
        ("#!/usr/bin/env", ""),
        ("#!", ""),
    ],
)
def test_the_interpreter_that_env_starts_must_be_there(line: str, gone: str) -> None:
    files = {**FILES, "/usr/bin/env": Exec(b"env"), "/x": Exec(f"{line}\n".encode())}
    said = cannot_start(tree(files), ImageConfig({"config": {"Entrypoint": ["/x"]}}))
    assert said == (f"it starts a script of {gone!r}, which is not there" if gone else "")
