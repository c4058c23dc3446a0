"""Directories that are named by their path: of packages by the application, of nobody by libraries."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import SetId

HOME = "/usr/lib/jvm/java-17"
MODULE = "/usr/lib/python3.11/site-packages/server/__init__.py"


def kept(
    files: Files, used: str, *, owners: dict[str, str], env: tuple[str, ...] = ()
) -> set[ImagePath]:
    packages = [
        package(Ecosystem.DEB, owner, tuple(path for path, by in owners.items() if by == owner))
        for owner in sorted({*owners.values()})
    ]
    server = package(Ecosystem.PYPI, "server", (MODULE,), modules=("server",))
    run = {"WorkingDir": "/app", "Env": list(env)}
    case = Case(files, {used: Use.OPENED}, (), packages=(*packages, server), run=run)
    return set(plan_for(case).keep)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_a_directory_that_few_packages_have_for_themselves_stays_if_it_is_named(count: int) -> None:
    parts = [f"{HOME}/lib/part{number}" for number in range(count)]
    owners = {path: f"p{number}" for number, path in enumerate(parts)}
    files: Files = {
        "/app/main.py": "",
        **dict.fromkeys(parts, ""),
        f"{HOME}/lib/setid": SetId(elf()),
    }
    found = kept(files, "/app/main.py", owners=owners, env=(f"JAVA_HOME={HOME}",))
    assert (ImagePath(parts[0]) in found) is (count <= 3)
    assert not {*map(ImagePath, parts)} & kept(files, "/app/main.py", owners=owners)


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("MODELS = '/opt/ml/model'\n", True),
        ("parser.add_argument('--model_dir', default='/opt/ml/model/a.onnx')\n", True),
        ("# '/opt/ml/model\n", False),
        ("X = '/opt'\nY = '/'\nZ = '/opt/other'\n", False),
    ],
)
def test_an_unowned_tree_stays_if_a_library_names_it(text: str, *, stays: bool) -> None:
    files: Files = {MODULE: text, "/opt/ml/model/a.onnx": "", "/opt/ml/model/b.onnx": ""}
    found = kept(files, MODULE, owners={})
    assert (ImagePath("/opt/ml/model/b.onnx") in found) is stays


def test_what_a_package_owns_does_not_stay_by_a_librarys_word() -> None:
    files: Files = {MODULE: "X = '/opt/tool'\n", "/opt/tool/a": "", "/opt/tool/b": ""}
    assert ImagePath("/opt/tool/b") not in kept(files, MODULE, owners={"/opt/tool/a": "tool"})
