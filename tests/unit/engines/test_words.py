"""The words of `docker run` that the embedded engine reads itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.engines.client.engine import docker_options
from careen.engines.command import DEFAULT_PATH, command, environment, working_directory
from careen.engines.embedded.accounts import Accounts, identify, read_accounts
from careen.engines.embedded.spec import Container, Process, runtime_spec
from careen.engines.embedded.volumes import Bind, Volume, parse_volume, wanted_volumes
from careen.engines.network.portproxy import Published
from careen.engines.network.publish import published
from careen.errors import ImageError, InputError
from careen.model.image import ImageConfig
from careen.model.runs.workload import RunOptions
from careen.model.sizes import size_in_bytes
from tests.support.trees import Link, tree


def config(**run: Any) -> ImageConfig:
    return ImageConfig({"config": run})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80", [("127.0.0.1", 0, 80)]),
        ("8080:80", [("127.0.0.1", 8080, 80)]),
        ("8080:80/tcp", [("127.0.0.1", 8080, 80)]),
        ("0.0.0.0:8080:80", [("0.0.0.0", 8080, 80)]),
        ("127.0.0.1::80", [("127.0.0.1", 0, 80)]),
        ("[::1]:8080:80", [("::1", 8080, 80)]),
        (
            "7000-7002:80-82",
            [("127.0.0.1", 7000, 80), ("127.0.0.1", 7001, 81), ("127.0.0.1", 7002, 82)],
        ),
        ("80-81", [("127.0.0.1", 0, 80), ("127.0.0.1", 0, 81)]),
    ],
)
def test_published(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert published(text) == tuple(Published(*each) for each in expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http",
        "80:",
        "a:b:c",
        "70000",
        "0",
        "8080:70000",
        "1-3:1-2",
        "3-1",
        "1-65535",
        "80/udp",
        "-1:80",
        "1:2:3:4",
    ],
)
def test_not_a_publication(text: str) -> None:
    with pytest.raises(InputError, match=r"port|publish"):
        published(text)


def test_udp_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"tcp only.*--engine docker"):
        published("53:53/udp")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64m", 64 << 20),
        ("1g", 1 << 30),
        ("1.5GiB", 3 << 29),
        ("512", 512),
        ("10kb", 10240),
        ("2T", 2 << 40),
        ("7 MB", 7 << 20),
    ],
)
def test_size(text: str, size: int) -> None:
    assert size_in_bytes(text, "--shm-size") == size


@pytest.mark.parametrize(
    "text", ["", "m", "-1m", "1x", "1mm", "0", "0x10", "1e3", "٣m", "nan", "9" * 400, "9e"]
)
def test_not_a_size(text: str) -> None:
    with pytest.raises(InputError, match="--shm-size"):
        size_in_bytes(text, "--shm-size")


@pytest.mark.parametrize(
    ("run", "options", "expected"),
    [
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, RunOptions(), ("/e", "c")),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, RunOptions(args=("a", "b")), ("/e", "a", "b")),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, RunOptions(entrypoint="/x"), ("/x",)),
        (
            {"Entrypoint": ["/e"], "Cmd": ["c"]},
            RunOptions(entrypoint="/x", args=("a",)),
            ("/x", "a"),
        ),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, RunOptions(entrypoint="", args=("a",)), ("a",)),
        ({"Cmd": ["c", "d"]}, RunOptions(), ("c", "d")),
        ({"Entrypoint": ["/e"]}, RunOptions(), ("/e",)),
    ],
)
def test_command(run: Mapping[str, Any], options: RunOptions, expected: tuple[str, ...]) -> None:
    assert command(config(**run), options) == expected


@pytest.mark.parametrize(
    ("run", "options"),
    [({}, RunOptions()), ({"Entrypoint": ["/e"], "Cmd": ["c"]}, RunOptions(entrypoint=""))],
)
def test_no_command(run: Mapping[str, Any], options: RunOptions) -> None:
    with pytest.raises(InputError, match="neither an ENTRYPOINT nor a CMD"):
        command(config(**run), options)


def test_environment() -> None:
    image = config(Env=["A=1", "GONE=1", "WITH=a=b"])
    got = environment(image, RunOptions(env=("A=2", "EMPTY=", "HOST", "GONE")), {"HOST": "h"})
    assert got == {"PATH": DEFAULT_PATH, "A": "2", "WITH": "a=b", "EMPTY": "", "HOST": "h"}
    with pytest.raises(InputError, match="needs a name"):
        environment(image, RunOptions(env=("=x",)), {})


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, "/"), ("/app", "/app"), ("app", "/app"), ("/a/../../b//c/", "/b/c"), ("//x", "/x")],
)
def test_working_directory(given: str | None, expected: str) -> None:
    assert working_directory(config(WorkingDir=given)) == expected


ACCOUNTS = Accounts(
    "root:x:0:0:root:/root:/bin/sh\n#comment\nbroken\nmail:x:8:12::/var/mail:\nweird:x:²:1::/:\n77:x:5000:5000::/seven:\nbig:x:9999999999:0::/:\n",
    "root:x:0:\nmail:x:12:\nadm:x:4:mail,root\nfloppy:x:11:email\nshort:x:13\n",
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", (0, 0, (0, 4), "/root")),
        ("root", (0, 0, (0, 4), "/root")),
        ("mail", (8, 12, (12, 4), "/var/mail")),
        ("8", (8, 12, (12, 4), "/var/mail")),
        ("mail:adm", (8, 4, (4,), "/var/mail")),
        ("mail:99", (8, 99, (99,), "/var/mail")),
        ("99", (99, 0, (0,), "/")),
        ("99:98", (99, 98, (98,), "/")),
        (
            "77",
            (5000, 5000, (5000,), "/seven"),
        ),  # a name made of digits comes before the number, as in docker
    ],
)
def test_identity(asked: str, expected: tuple[int, int, tuple[int, ...], str]) -> None:
    found = identify(ACCOUNTS, asked)
    assert (found.uid, found.gid, found.groups, found.home) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "nobody",
        "mail:nogroup",
        "weird",
        "²",
        "big",
        "4294967295",
        "0:4294967296",
        "-1",
        "9" * 5000,
        "0:" + "9" * 5000,
    ],
)
def test_no_such_identity(asked: str) -> None:
    with pytest.raises(InputError, match="user"):
        identify(ACCOUNTS, asked)


def test_accounts_whose_numbers_are_none_are_passed_over() -> None:
    """Python itself refuses to read a number of more than 4,300 digits."""
    found = identify(
        Accounts(
            f"app:x:{'9' * 5000}:0::/:\napp:x:7:{'9' * 5000}::/app:\n", f"g:x:{'9' * 5000}:app\n"
        ),
        "app",
    )
    assert (found.uid, found.gid, found.groups, found.home) == (7, 0, (0,), "/app")


def test_account_files_are_read_inside_the_root_and_bounded() -> None:
    rootfs = tree(
        {
            "/etc/passwd": Link("../../../../real/passwd"),
            "/real/passwd": "a:x:1:1::/:\n",
            "/etc/group": Link("/etc/group"),
        }
    )
    assert read_accounts(rootfs) == Accounts("a:x:1:1::/:\n", "")
    with pytest.raises(ImageError, match="larger than"):
        read_accounts(tree({"/etc/passwd": b"x" * (4 * 1024 * 1024 + 1)}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/host:/in", Bind("/host", "/in", ())),
        ("/host:/in:ro", Bind("/host", "/in", ("ro",))),
        ("/host:/in/:rw,z,rshared", Bind("/host", "/in", ("rshared",))),
        ("data:/in", Volume("data", "/in", ())),
        ("data:/in:nocopy,ro", Volume("data", "/in", ("ro",), copy=False)),
        ("/in", Volume("", "/in", ())),
    ],
)
def test_volume(text: str, expected: Bind | Volume) -> None:
    assert parse_volume(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("./data:/data", "{here}/data:/data"),
        ("./data:/data:ro", "{here}/data:/data:ro"),
        ("data:/data", "data:/data"),
        ("/data:/data", "/data:/data"),
        ("/data", "/data"),
    ],
)
def test_a_source_that_starts_with_a_dot_is_a_path_from_here_on_both_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = expected.format(here=tmp_path)
    assert docker_options(RunOptions(volumes=(text,)), ()) == ("--volume", expected)
    assert parse_volume(text) == parse_volume(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "/a:",
        "/a:b",
        "/a:/",
        "a/b:/c",
        "x:/c",
        "/a:/b:what",
        "/a:/b:ro:x",
        "/a:/..",
        "../..\0:/c",
    ],
)
def test_not_a_volume(text: str) -> None:
    with pytest.raises(InputError, match="-v"):
        parse_volume(text)


def test_declared_volumes_give_way_to_what_the_user_mounts() -> None:
    found = wanted_volumes(
        ("/host:/data",), ("/cache:size=1m",), ("/data/", "/cache", "/other", "/")
    )
    assert found == (Bind("/host", "/data", ()), Volume("", "/other", ()))


def spec(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "container_id": "ab" * 32,
        "rootfs": "/r",
        "network": "/proc/1/fd/3",
        "mounts": (),
        "tmpfs": (),
        "shm_bytes": 1 << 20,
        "read_only": False,
    }
    process = Process(("/a",), ("K=V",), "/w", identify(ACCOUNTS, "mail"))
    return runtime_spec(Container(**{**given, **changes}), process)


def test_spec_is_json_and_names_the_cgroup_by_the_id() -> None:
    document = json.loads(json.dumps(spec()))
    assert document["linux"]["cgroupsPath"].rpartition("/")[2] == "ab" * 32
    assert document["hostname"] == "abababababab"
    assert {"type": "network", "path": "/proc/1/fd/3"} in document["linux"]["namespaces"]
    assert {item["type"] for item in document["linux"]["namespaces"]} >= {
        "pid",
        "mount",
        "ipc",
        "uts",
        "network",
    }
    assert document["process"]["user"] == {"uid": 8, "gid": 12, "additionalGids": [12, 4]}


def test_outer_mounts_come_before_inner_ones_and_replace_the_defaults() -> None:
    inner = {"destination": "/a/b/c", "type": "bind", "source": "/x", "options": ["rbind"]}
    outer = {"destination": "/a", "type": "bind", "source": "/y", "options": ["rbind"]}
    shm = {"destination": "/dev/shm", "type": "bind", "source": "/z", "options": ["rbind"]}
    places = [
        (mount["destination"], mount["source"])
        for mount in spec(mounts=(inner, outer, shm))["mounts"]
    ]
    assert places.index(("/a", "/y")) < places.index(("/a/b/c", "/x"))
    assert [source for place, source in places if place == "/dev/shm"] == ["/z"]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("/t", {"noexec", "nosuid", "nodev", "rprivate"}),
        ("/t:exec,size=1m", {"exec", "size=1m", "nosuid", "nodev", "rprivate"}),
    ],
)
def test_tmpfs_defaults(text: str, options: set[str]) -> None:
    assert {
        frozenset(mount["options"])
        for mount in spec(tmpfs=(text,))["mounts"]
        if mount["destination"] == "/t"
    } == {frozenset(options)}


@pytest.mark.parametrize("text", ["t", "/", ""])
def test_not_a_tmpfs(text: str) -> None:
    with pytest.raises(InputError, match="--tmpfs"):
        spec(tmpfs=(text,))
