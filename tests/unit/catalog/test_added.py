"""What entries add to a root: accounts of upstream's image, directories, files of a variant."""

import io
import tarfile

from careen.catalog.accounts import with_users
from careen.catalog.added import Additions, added_layer
from careen.catalog.definition import definition
from careen.catalog.entries import load_catalog
from careen.catalog.recipe import files
from careen.model.catalog.entry import AddedFile, Link, User, Variant
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
    assert "/usr/local/bin/pip" in names[Variant.COMPAT]


def test_the_definition_of_every_entry_has_a_digest() -> None:
    catalog = load_catalog()
    digests = {definition(catalog.chain(entry)) for entry in catalog}
    assert len(digests) == len(list(catalog))


def test_an_account_of_upstream_has_its_shell() -> None:
    user = User("node", 1000, "/home/node", upstream=True)
    passwd, _ = with_users(b"", b"", (user,))
    assert passwd == b"node:x:1000:1000:node:/home/node:/bin/bash\n"
