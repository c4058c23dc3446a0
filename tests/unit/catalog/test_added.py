"""What entries add to a root: accounts of upstream's image, directories, files of a variant."""

import io
import sys
import tarfile
from pathlib import Path

import pip
import pytest

from careen.catalog.accounts import with_users
from careen.catalog.added import Additions, added_layer
from careen.catalog.definition import definition
from careen.catalog.entries import load_catalog
from careen.catalog.recipe import files
from careen.model.catalog.entry import AddedFile, Link, User, Variant
from careen.tools.process import run
from tests.support.trees import tree


def test_a_layer_has_directories_files_and_links_with_their_modes() -> None:
    added = Additions(
        links=(Link("/opt/b", "a"),),
        directories=("/opt/a",),
        files=(AddedFile("/usr/local/bin/x", "#!/bin/sh\n", executable=True), AddedFile("/c", "d")),
    )
    with tarfile.open(fileobj=io.BytesIO(added_layer(tree({}), added, 7))) as tar:
        found = {each.name: (each.type, oct(each.mode), each.mtime) for each in tar}
        content = tar.extractfile("usr/local/bin/x")
        assert content is not None
        assert content.read() == b"#!/bin/sh\n"
    assert found["opt/a"] == (tarfile.DIRTYPE, "0o755", 7)
    assert found["opt/b"] == (tarfile.SYMTYPE, "0o777", 7)
    assert found["usr/local/bin/x"] == (tarfile.REGTYPE, "0o755", 7)
    assert found["c"] == (tarfile.REGTYPE, "0o644", 7)


def test_files_of_a_build_are_in_compat_and_dev_alone() -> None:
    catalog = load_catalog()
    chain = catalog.chain(catalog.find("python:3.13-debian-13"))
    names = {each: {file.path for file in files(chain, each)} for each in Variant}
    assert names[Variant.RUNTIME] == {"/usr/local/pyvenv.cfg"}
    assert names[Variant.COMPAT] == names[Variant.DEV]
    assert "/usr/lib/python3.13/ensurepip/__init__.py" in names[Variant.COMPAT]


@pytest.mark.parametrize("name", ["python:3.13-debian-13", "python:3.11-debian-12"])
def test_ensurepip_of_a_base_installs_the_pip_of_usr_local(name: str, tmp_path: Path) -> None:
    catalog = load_catalog()
    package = tmp_path / "ensurepip"
    package.mkdir()
    ours = str(Path(pip.__file__).parent.parent)
    for file in files(catalog.chain(catalog.find(name)), Variant.COMPAT):
        if "/ensurepip/" in file.path:
            folder = f"/usr/local/lib/{file.path.split('/')[3]}/site-packages"
            text = file.text.replace(folder, ours)
            (package / file.path.rpartition("/")[2]).write_text(text)

    def said(*words: str) -> str:
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path), "PIP_NO_INDEX": "1"}
        done = run(words, timeout=120, env=environment)
        return (done.stdout + done.stderr).decode()

    made = tmp_path / "made"
    assert said(sys.executable, "-m", "venv", "--without-pip", str(made)) == ""
    assert f"pip {pip.__version__}\n" == said(f"{made}/bin/python", "-m", "ensurepip", "--version")
    # as the module venv calls it
    assert said(f"{made}/bin/python", "-m", "ensurepip", "--upgrade", "--default-pip") == ""
    assert f"pip {pip.__version__} from {made}/" in said(f"{made}/bin/pip", "--version")
    assert "Successfully uninstalled pip" in said(f"{made}/bin/pip3", "uninstall", "--yes", "pip")
    left = {path.name for path in (made / "bin").iterdir()}
    assert not {name for name in left if name.startswith("pip")}
    assert not list((made / "lib").rglob("pip*"))


def test_the_definition_of_every_entry_has_a_digest() -> None:
    catalog = load_catalog()
    digests = {definition(catalog.chain(entry)) for entry in catalog}
    assert len(digests) == len(list(catalog))


def test_an_account_of_upstream_has_its_shell() -> None:
    user = User("node", 1000, "/home/node", upstream=True)
    passwd, _ = with_users(b"", b"", (user,))
    assert passwd == b"node:x:1000:1000:node:/home/node:/bin/bash\n"
