"""What an image needs to run as another user."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from careen.errors import InputError
from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from careen.model.policies.policy import RunAs
from careen.model.rewriting.other_user import OPENED, OtherUser
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.policy.other_user import changes_for, resolved
from tests.support.policies import FILES, bom_of, subject_of, used
from tests.support.trees import Link, MemoryContent, tree

UID, GID = 10001, 10002


def package(name: str) -> Package:
    return Package(
        Ecosystem.PYPI, name, "1", f"pkg:pypi/{name}@1", ImagePath("/x"), (), modules=(name,)
    )


def changes(
    *uses: Any,
    files: Mapping[str, Any] = FILES,
    packages: tuple[str, ...] = (),
    env: tuple[str, ...] = (),
    **more: Any,
) -> OtherUser:
    made = {f"pkg:pypi/{name}@1": package(name) for name in packages}
    config = ImageConfig({"architecture": "amd64", "config": {"Env": list(env)}})
    old_home = more.pop("old_home", "/root")
    subject = subject_of(
        bom_of(uses),
        (UID, GID),
        files,
        inventory=Inventory(made, {}),
        config=config,
        other_user=True,
        **more,
    )
    return changes_for(subject, old_home)


def owners(found: OtherUser) -> dict[str, tuple[int, int, int]]:
    return {str(each.path): (each.uid, each.gid, each.mode) for each in found.owned}


def test_a_written_directory_gets_the_user_with_what_is_below() -> None:
    files = {**FILES, "/srv/data/deep": None}
    found = owners(changes(used("/srv/data", Use.WRITTEN, kind="directory"), files=files))
    assert found["/srv/data"] == found["/srv/data/deep"] == (UID, GID, 0o755)
    assert "/srv/data/model.bin" not in found  # it was read, and anyone may
    assert "/tmp" not in found


def test_a_written_file_gets_the_user() -> None:
    found = owners(changes(used("/srv/data/list.txt", Use.WRITTEN)))
    assert found["/srv/data/list.txt"] == (UID, GID, 0o644)


def private(rootfs: Rootfs, **modes: int) -> Rootfs:
    entries = {entry.path: entry for entry in rootfs}
    for path, mode in modes.items():
        here = ImagePath(path)
        entries[here] = replace(entries[here], mode=mode)
    return Rootfs(entries, MemoryContent({}))


def test_files_and_directories_of_root_alone_are_opened_to_the_group() -> None:
    rootfs = private(
        tree({"/root/model/a.bin": b"a"}), **{"/root": 0o700, "/root/model/a.bin": 0o600}
    )
    found = owners(changes(used("/root/model/a.bin", Use.OPENED), rootfs=with_service(rootfs)))
    assert found["/root/model/a.bin"] == (0, GID, 0o640)
    assert "/root/model" not in found


def with_service(rootfs: Rootfs) -> Rootfs:
    """Return the root with the program that the RBOM names."""
    entries = {
        entry.path: entry for entry in tree({**FILES, "/etc/passwd": None, "/etc/group": None})
    }
    return Rootfs({**entries, **{entry.path: entry for entry in rootfs}}, MemoryContent({}))


def test_secrets_of_root_stay_its_own_and_are_named() -> None:
    rootfs = private(tree({"/etc/shadow": b"x"}), **{"/etc/shadow": 0o600})
    found = changes(used("/etc/shadow", Use.OPENED), rootfs=with_service(rootfs))
    assert "/etc/shadow" not in owners(found)
    assert found.left == ("/etc/shadow was read, and stays readable by its owner alone",)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/ssh/ssh_host_rsa_key",
        "/root/.aws/credentials",
        "/root/.ssh/id_ed25519",
        "/srv/tls/server.key",
        "/etc/ssl/private/a.pem",
        "/run/secrets/token",
    ],
)
def test_keys_and_credentials_are_not_opened_nor_what_is_above(path: str) -> None:
    above = path.rpartition("/")[0]
    rootfs = private(tree({path: b"x"}), **{path: 0o600, above: 0o700})
    found = changes(used(path, Use.OPENED), rootfs=with_service(rootfs))
    assert found.left == (f"{path} was read, and stays readable by its owner alone",)
    assert not [each for each in found.owned if each.reason.startswith(OPENED)]


def test_a_setuid_program_is_not_given_to_the_group() -> None:
    program = "/usr/bin/helper"
    rootfs = private(tree({program: b"x"}), **{program: 0o4750})
    found = changes(used(program, Use.EXECUTED), rootfs=with_service(rootfs))
    assert program not in owners(found)
    assert found.left == (f"{program} has the setuid or setgid bit, and stays as it is",)


def test_a_new_home_and_the_caches_of_packages_in_the_image() -> None:
    found = changes(packages=("torch", "huggingface_hub", "flask"))
    assert found.environment == {
        "HOME": "/home/app",
        "TORCHINDUCTOR_CACHE_DIR": "/home/app/.cache/torchinductor",
        "TORCH_HOME": "/home/app/.cache/torch",
        "HF_HOME": "/home/app/.cache/huggingface",
    }
    made = owners(found)
    for place in ("/home/app", "/home/app/.cache", "/home/app/.cache/huggingface"):
        assert made[place] == (UID, GID, 0o755)
    assert list(found.writable) == ["/home/app"]


def test_a_cache_that_the_image_places_stays_there() -> None:
    files = {**FILES, "/cache/hf": None}
    found = changes(packages=("huggingface_hub",), env=("HF_HOME=/cache/hf",), files=files)
    assert found.environment == {"HOME": "/home/app"}
    assert owners(found)["/cache/hf"] == (UID, GID, 0o755)
    assert set(found.writable) == {"/home/app", "/cache/hf"}


def test_models_that_the_image_brings_stay_where_they_are_found() -> None:
    model = "/root/.cache/huggingface/hub/model.bin"
    found = changes(
        used(model, Use.OPENED), files={**FILES, model: b"m"}, packages=("huggingface_hub",)
    )
    assert found.environment == {"HOME": "/root", "HF_HOME": "/root/.cache/huggingface"}
    # a mount there would hide them
    assert found.writable == {}


def test_the_account_gets_a_line_with_a_free_name() -> None:
    files = {**FILES, "/etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:7:7::/:/bin/sh"}
    contents = {str(each.path): each.content for each in changes(files=files).owned if each.content}
    assert contents["/etc/passwd"] == (
        b"root:x:0:0::/root:/bin/sh\napp:x:7:7::/:/bin/sh\n"
        b"app1:x:10001:10002::/home/app:/sbin/nologin\n"
    )
    assert contents["/etc/group"] == b"root:x:0:\napp:x:10002:\n"


def test_an_account_of_the_image_keeps_its_home_and_lines() -> None:
    files = {
        **FILES,
        "/etc/passwd": f"web:x:{UID}:{GID}::/home/web:/bin/sh\n",
        "/etc/group": f"web:x:{GID}:\n",
        "/home/web": None,
    }
    subject = replace(
        subject_of(bom_of(), (UID, GID), files, other_user=True),
        user=RunAs(UID, GID, "/home/web", "--user"),
    )
    found = changes_for(subject, "/root")
    assert found.environment == {"HOME": "/home/web"}
    assert not [each for each in found.owned if each.content]


def test_root_is_refused() -> None:
    with pytest.raises(InputError, match="a user other than root"):
        changes_for(subject_of(bom_of(), (0, 0)), "/root")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/var/home/x/y", "/home/x/y"),
        ("/home", "/home"),
        ("/loop/x", None),
        ("/etc/passwd/x", None),
        ("relative", "/relative"),
        ("/a/../../home", "/home"),
    ],
)
def test_a_place_is_found_behind_the_links_of_the_image(text: str, expected: str | None) -> None:
    rootfs = tree(
        {"/home": None, "/var/home": Link("../home"), "/loop": Link("loop"), "/etc/passwd": b""}
    )
    assert resolved(rootfs, text) == expected
