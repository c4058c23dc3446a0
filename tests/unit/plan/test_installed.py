"""What installations leave beside their packages' files, configuration that was written since,
modules of packages without Python's metadata.
"""

import hashlib
import json

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.policy import Policy
from careen.plan.core.rules import RuleSet, load_rules
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application.source import application_texts
from careen.plan.scanners.imports import lines_of_shell, shell_words
from tests.support.plans import Case, Files, elf, package, plan_for, scene_of
from tests.support.trees import Exec, Later, SetId

DRAW = "/usr/lib/draw"
SITE = "/usr/lib/python3/dist-packages"


def test_an_index_of_plugins_stays_with_the_plugins() -> None:
    files: Files = {
        "/usr/bin/draw": elf(),
        f"{DRAW}/plugin.so": elf(),
        f"{DRAW}/index6": b"i",
        f"{DRAW}/deep/index": b"i",
        "/usr/lib/other/index": b"i",
    }
    owned = package(Ecosystem.DEB, "draw", ("/usr/bin/draw", f"{DRAW}/plugin.so"))
    keep = plan_for(Case(files, {"/usr/bin/draw": Use.EXECUTED}, (), packages=(owned,))).keep
    assert keep[ImagePath(f"{DRAW}/index6")].code == "generated-file"
    assert not {f"{DRAW}/deep/index", "/usr/lib/other/index"} & set(keep)


@pytest.mark.parametrize(("text", "kept"), [(b"", False), (b"[scores]\n", True)])
def test_configuration_that_was_written_since_its_package_came(text: bytes, kept: bool) -> None:
    # dpkg's
    status = f"Package: odbc\nConffiles:\n /etc/odbc.ini {hashlib.md5(b'').hexdigest()}\nDescription: x\n"  # noqa: S324
    files: Files = {
        "/bin/x": elf(),
        "/etc/odbc.ini": text,
        "/usr/share/odbc/a": b"a",
        "/var/lib/dpkg/status": status.encode(),
    }
    owned = package(Ecosystem.DEB, "odbc", ("/etc/odbc.ini", "/usr/share/odbc/a"))
    keep = plan_for(Case(files, {"/bin/x": Use.EXECUTED}, (), packages=(owned,))).keep
    assert (ImagePath("/etc/odbc.ini") in keep) is kept


@pytest.mark.parametrize(("text", "kept"), [(b"x", False), (Later(b"x"), True)])
def test_configuration_of_a_layer_above_its_package(text: bytes, kept: bool) -> None:
    files: Files = {"/bin/x": elf(), "/etc/odbc.ini": text, "/usr/share/odbc/a": b"a"}
    owned = package(Ecosystem.RPM, "odbc", ("/etc/odbc.ini", "/usr/share/odbc/a"))
    keep = plan_for(Case(files, {"/bin/x": Use.EXECUTED}, (), packages=(owned,))).keep
    assert (ImagePath("/etc/odbc.ini") in keep) is kept


def test_a_module_of_a_package_without_metadata_is_kept_for_who_imports_it() -> None:
    files: Files = {
        "/srv/app/main.py": b"import supervise\n",
        f"{SITE}/supervise.py": b"import pkg_resources\n",
        f"{SITE}/pkg_resources/__init__.py": b"",
        f"{SITE}/apt_pkg.py": b"",
        "/usr/bin/python3": Exec(b""),
    }
    packages = (
        package(Ecosystem.DEB, "python3-pkg-resources", (f"{SITE}/pkg_resources/__init__.py",)),
        package(Ecosystem.DEB, "python3-apt", (f"{SITE}/apt_pkg.py",)),
        package(Ecosystem.DEB, "supervise", (f"{SITE}/supervise.py",)),
        package(Ecosystem.PYPI, "supervise", (f"{SITE}/supervise.py",), modules=("supervise",)),
    )
    keep = plan_for(Case(files, {"/srv/app/main.py": Use.OPENED}, (), packages=packages)).keep
    assert f"{SITE}/pkg_resources/__init__.py" in keep
    assert f"{SITE}/apt_pkg.py" not in keep


def test_lines_of_shell_in_a_source() -> None:
    source = b"""import subprocess
prose = "find the file and then test it"
lines = [f"convert -density 300 {page} | tee out > /dev/null", 'LANG=C sort -u names && jq . b; git gc -q', "/opt/x/run -v"]
"the -x option"
"""
    assert lines_of_shell(source) - {"the"} == {"convert", "tee", "sort", "jq", "git", "/opt/x/run"}
    assert lines_of_shell(source.replace(b"subprocess", b"json")) == frozenset()


def test_a_statement_of_python_is_no_command_of_that_name() -> None:
    assert lines_of_shell(b"import subprocess\nCODE = 'import os; print(1)'\n") == frozenset()
    assert "import" in lines_of_shell(b"import subprocess\nLINE = 'import -window root x.png'\n")
    assert "import" not in shell_words(b"python3 -c 'import os'\n")
    assert "import" in shell_words(b"import x.png\n")


def test_a_command_in_a_line_of_shell_is_kept() -> None:
    files: Files = {
        "/srv/app/main.py": b"import subprocess\nLINES = ['cd {place} && git gc -q']\n",
        "/usr/bin/git": elf(),
        "/usr/bin/jq": elf(),
    }
    case = Case(
        files,
        {"/srv/app/main.py": Use.OPENED},
        (),
        run={"WorkingDir": "/srv/app"},
        rules=load_rules(),
    )
    keep = plan_for(case).keep
    assert ImagePath("/usr/bin/git") in keep
    assert ImagePath("/usr/bin/jq") not in keep


@pytest.mark.parametrize(
    ("service", "needed", "kept"),
    [
        ("account required pam_unix.so\n", ("libpam.so.0",), True),
        ("auth include other\n", ("libpam.so.0",), True),
        ("session required pam_unix.so\npassword required pam_unix.so\n", ("libpam.so.0",), False),
        (
            "auth sufficient pam_rootok.so\n@include nothing\n@include crond\n",
            ("libpam.so.0",),
            False,
        ),
        ("account required pam_unix.so\n", (), False),
    ],
)
def test_a_setuid_helper_stays_only_for_who_asks_for_accounts(
    service: str, needed: tuple[str, ...], kept: bool
) -> None:
    files: Files = {
        "/usr/bin/crond": elf(needed),
        "/etc/pam.d/crond": service,
        "/etc/pam.d/other": "account required /lib/security/pam_unix.so\n",
        "/usr/lib/x86_64-linux-gnu/security/pam_unix.so": elf(text=b"\0/sbin/unix_chkpwd\0"),
        "/sbin/unix_chkpwd": SetId(b""),
    }
    assert (
        ImagePath("/sbin/unix_chkpwd")
        in plan_for(Case(files, {"/usr/bin/crond": Use.EXECUTED}, ())).keep
    ) is kept


@pytest.mark.parametrize(
    ("origin", "kept"),
    [({"dir_info": {}}, True), ({"archive_info": {}}, False), ([], False), (None, False)],
)
def test_a_distribution_from_a_directory_is_read_as_the_application(
    origin: object, kept: bool
) -> None:
    info = "/venv/lib/python3.11/site-packages/shop-1.dist-info"
    site = "/venv/lib/python3.11/site-packages"
    files: Files = {
        f"{site}/shop/web.py": (
            b"READERS = {'catdoc': ['catdoc', '-d', 'utf-8', '{}'], 'fonts':"
            b" '/opt/faces/a.ttf'}\nmake = load_any('heavy')\n"
        ),
        f"{site}/shop/log.yaml": b"class: colours.Formatter\n",
        f"{site}/heavy/__init__.py": b"",
        f"{site}/colours/__init__.py": b"",
        "/opt/faces/a.ttf": b"a",
        "/usr/bin/catdoc": Exec(elf()),
        "/usr/bin/python3": Exec(b""),
        **(
            {
                f"{info}/direct_url.json": (
                    json.dumps(
                        {"url": "file:///src", **origin} if isinstance(origin, dict) else origin
                    ).encode()
                )
            }
            if origin is not None
            else {}
        ),
    }
    own = (f"{site}/shop/web.py", f"{site}/shop/log.yaml", f"{info}/direct_url.json")
    packages = (
        package(
            Ecosystem.PYPI,
            "shop",
            own,
            modules=("shop",),
            metadata=(ImagePath(f"{info}/direct_url.json"),),
        ),
        package(Ecosystem.PYPI, "heavy", (f"{site}/heavy/__init__.py",), modules=("heavy",)),
        package(Ecosystem.PYPI, "colours", (f"{site}/colours/__init__.py",), modules=("colours",)),
    )
    keep = plan_for(Case(files, {own[0]: Use.OPENED}, (), packages=packages)).keep
    wanted = {
        "/usr/bin/catdoc",
        "/opt/faces/a.ttf",
        f"{site}/heavy/__init__.py",
        f"{site}/colours/__init__.py",
    }
    # What nobody owns stays by a library's word, too.
    found = {path for path in wanted if ImagePath(path) in keep}
    assert found == (wanted if kept else {"/opt/faces/a.ttf"})


@pytest.mark.parametrize(
    ("builder", "own"), [(Ecosystem.CONDA, False), (Ecosystem.DEB, False), (None, True)]
)
def test_a_package_that_was_built_from_a_directory_elsewhere_is_a_library(
    builder: Ecosystem | None, own: bool
) -> None:
    site = "/opt/conda/lib/python3.11/site-packages"
    record = f"{site}/shop-1.dist-info/direct_url.json"
    paths = (f"{site}/shop/web.py", record)
    files: Files = {paths[0]: b"", record: b'{"dir_info": {}, "url": "file:///home/builder/work"}'}
    shop = package(Ecosystem.PYPI, "shop", paths, modules=("shop",), metadata=(ImagePath(record),))
    packages = (shop,) if builder is None else (shop, package(builder, "shop", paths))
    scene = Scene(
        *scene_of(Case(files, {}, (), packages=packages)),
        Policy(Level.CLOSURE, (), (), RuleSet(()), ""),
    )
    assert (scene.own_distributions == (shop,)) is own


def test_rules_ask_the_source_of_such_a_distribution() -> None:
    site = "/venv/lib/python3.11/site-packages"
    record = f"{site}/shop-1.dist-info/direct_url.json"
    files: Files = {
        f"{site}/shop/web.py": b"import logging\nSPELL = 'quicksilver'\n",
        record: b'{"dir_info": {}}',
        "/usr/bin/python3": Exec(b""),
    }
    owned = package(
        Ecosystem.PYPI,
        "shop",
        (f"{site}/shop/web.py", record),
        modules=("shop",),
        metadata=(ImagePath(record),),
    )
    scene = Scene(
        *scene_of(Case(files, {}, (), packages=(owned,))),
        Policy(Level.CLOSURE, (), (), RuleSet(()), ""),
    )
    assert any(b"quicksilver" in text for _, text in application_texts(scene))
