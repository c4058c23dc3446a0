"""What must be writable, which capabilities are needed, whom the workload talks to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from careen.errors import ImageError
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.paths import ImagePath
from careen.model.policies.policy import Peer, Policy, Writable, WritableBy
from careen.model.rbom import RunKind, UsedFile
from careen.model.runs.trace import Endpoint, Phase, SensorKind, Use
from careen.oci.tree.rootfs import Rootfs
from tests.support.boms import RUN, START
from tests.support.policies import FILES, bom_of, policy_of, subject_of, used
from tests.support.trees import MemoryContent, SetId, tree


def writable(*paths: str, **changes: Any) -> Mapping[str, Writable]:
    seen = bom_of([used(path, Use.WRITTEN, kind="directory") for path in paths])
    return {each.path: each for each in policy_of(subject_of(seen, **changes)).writable}


def test_an_empty_directory_becomes_a_tmpfs_with_its_owner_and_mode() -> None:
    found = writable("/var/lib/service")["/var/lib/service"]
    assert (found.by, found.uid, found.mode) == (WritableBy.TMPFS, 0, 0o755)
    assert found.reason == "written by /usr/bin/service (workload web)"


def test_a_directory_with_files_becomes_a_volume_which_keeps_them() -> None:
    assert writable("/srv/data")["/srv/data"].by is WritableBy.VOLUME


def test_where_written_programs_can_be_executed_is_said() -> None:
    seen = bom_of([used("/srv/data", Use.WRITTEN, kind="directory")])
    volume, cluster = policy_of(subject_of(seen)).left_open
    assert volume == "programs that are written to /srv/data can be executed: it is a volume"
    assert cluster.startswith("in Kubernetes, ")
    whole = bom_of([used("/etc", Use.WRITTEN, kind="directory")])
    assert "the root, which is not read-only" in policy_of(subject_of(whole)).left_open[0]


def test_a_written_file_makes_its_directory_writable() -> None:
    policy = policy_of(subject_of(bom_of([used("/srv/data/list.txt", Use.WRITTEN)])))
    assert [each.path for each in policy.writable] == ["/srv/data", "/tmp"]


def test_a_directory_below_a_writable_one_is_left_out() -> None:
    assert list(writable("/srv", "/srv/data")) == ["/srv", "/tmp"]


@pytest.mark.parametrize("path", ["/etc", "/usr/share/service", "/"])
def test_a_write_to_the_system_leaves_the_root_writable_with_the_reason(path: str) -> None:
    policy = policy_of(subject_of(bom_of([used(path, Use.WRITTEN, kind="directory")])))
    assert not policy.read_only
    assert policy.fixed_root[0].startswith(f"{path} was written by /usr/bin/service")
    assert path not in {each.path for each in policy.writable}


@pytest.mark.parametrize("path", ["/srv/a b", "/srv/a:b", "/srv/a,b", "/srv/\n--privileged"])
def test_a_path_that_no_flag_can_name_leaves_the_root_writable(path: str) -> None:
    policy = policy_of(subject_of(bom_of([used(path, Use.WRITTEN, kind="directory")])))
    assert [each.path for each in policy.writable] == ["/tmp"]
    assert policy.fixed_root[0].endswith("no mount option can name it")


def byte_code(path: str, program: str) -> UsedFile:
    """Return a directory that a program wrote to."""
    made = used(path, Use.WRITTEN, kind="directory")
    return replace(made, uses=tuple(replace(use, executable=program) for use in made.uses))


@pytest.mark.parametrize(
    ("path", "program", "read_only"),
    [
        ("/usr/lib/python3/__pycache__", "/usr/bin/python3.11", True),
        ("/usr/lib/python3", "/usr/bin/python3.11", True),  # a new cache was made in it
        ("/usr/lib/python3", "/usr/bin/service", False),
        ("/usr/lib/other", "/usr/bin/python3.11", False),
    ],
)
def test_python_does_without_writing_byte_code(path: str, program: str, *, read_only: bool) -> None:
    files = {**FILES, "/usr/lib/python3/os.py": "", "/usr/lib/python3/__pycache__": None}
    files["/usr/lib/other/data.txt"] = ""
    policy = policy_of(subject_of(bom_of([byte_code(path, program)]), files=files))
    assert policy.read_only is read_only
    assert any("byte code" in text for text in policy.unknown) is read_only


def test_byte_code_beside_the_code_of_an_application_keeps_it_writable() -> None:
    files = {**FILES, "/app/main.py": ""}
    policy = policy_of(subject_of(bom_of([byte_code("/app", "/usr/bin/python3")]), files=files))
    assert [each.path for each in policy.writable] == ["/app", "/tmp"]


def test_what_the_kernel_provides_needs_no_mount() -> None:
    assert list(writable("/dev", "/proc/self")) == ["/tmp"]


def volumes(*paths: str) -> Policy:
    config: dict[str, Any] = {"Volumes": {path: {} for path in paths}}
    return policy_of(
        subject_of(config=ImageConfig({"architecture": "amd64", "config": config})),
    )


def test_volumes_of_the_image_are_writable() -> None:
    data, _ = volumes("/data/").writable
    assert (data.path, data.reason) == ("/data", "a VOLUME of the image")


@pytest.mark.parametrize("path", ["/usr", "/usr/share/x", "/etc", "/", "/a b"])
def test_a_volume_that_cannot_be_mounted_leaves_the_root_writable(path: str) -> None:
    policy = volumes(path)
    assert [each.path for each in policy.writable] == ["/tmp"]
    assert policy.fixed_root[0].startswith(f"{path!r} is a VOLUME of the image")


@pytest.mark.parametrize("path", ["/proc", "/proc/sys", "/dev/shm", "/sys"])
def test_a_volume_over_what_the_kernel_provides_is_left_out_and_told(path: str) -> None:
    policy = volumes(path)
    assert [each.path for each in policy.writable] == ["/tmp"]
    assert policy.unknown[-1] == (f"VOLUME {path} of the image: the kernel provides what is there")
    assert policy.read_only


@pytest.mark.parametrize("path", ["/data/../etc", "/x\0", "/" + "y" * 300])
def test_a_volume_that_is_no_path_is_refused_by_name(path: str) -> None:
    with pytest.raises(ImageError, match=r"VOLUME '/.*' of the image: path"):
        volumes(path)


def test_a_user_other_than_root_needs_no_capability() -> None:
    seen = bom_of(syscalls={Phase.START: ("execve", "chown", "setuid")})
    assert policy_of(subject_of(seen)).capabilities == ()


def test_root_needs_what_its_calls_show() -> None:
    seen = bom_of(syscalls={Phase.START: ("execve", "fchown", "setgroups")})
    found = {each.name: each.reason for each in policy_of(subject_of(seen, (0, 0))).capabilities}
    assert found["CAP_CHOWN"] == "changes the owner of files: fchown"
    assert found["CAP_SETGID"] == "takes other groups: setgroups"
    assert found.keys().isdisjoint({"CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_SETUID"})


def test_a_low_port_needs_a_capability() -> None:
    seen = bom_of(endpoints=[Endpoint("bind", "inet6", "::", 80, START)])
    (need,) = policy_of(subject_of(seen)).capabilities
    assert (need.name, need.reason) == ("CAP_NET_BIND_SERVICE", "listens on port 80")


def changed(rootfs: Rootfs, path: str, **fields: Any) -> Rootfs:
    """Return the root with other fields of one entry."""
    entries: dict[ImagePath, Entry] = {entry.path: entry for entry in rootfs}
    entries[ImagePath(path)] = replace(entries[ImagePath(path)], **fields)
    return Rootfs(entries, MemoryContent({}))


def test_root_that_uses_anothers_private_file_overrides_its_mode() -> None:
    seen = bom_of([used("/srv/data/model.bin", Use.OPENED)])
    rootfs = changed(tree(FILES), "/srv/data/model.bin", uid=1000, gid=1000, mode=0o600)
    (need,) = policy_of(subject_of(seen, (0, 0), rootfs=rootfs)).capabilities
    assert need.name == "CAP_DAC_OVERRIDE"
    assert "/srv/data/model.bin" in need.reason


def test_an_executed_setuid_program_keeps_the_way_to_privileges() -> None:
    seen = bom_of([used("/usr/bin/su", Use.EXECUTED)])
    policy = policy_of(subject_of(seen, files={**FILES, "/usr/bin/su": SetId(b"su")}))
    assert policy.privileges == ("/usr/bin/su was executed and has the setuid or setgid bit",)
    assert not policy.no_new_privileges


def test_listeners_and_peers_are_those_beyond_the_loopback() -> None:
    seen = bom_of(
        endpoints=[
            Endpoint("bind", "inet", "127.0.0.1", 9000, START),
            Endpoint("bind", "inet", "0.0.0.0", 8000, START),
            Endpoint("bind", "inet6", "::1", 0, START),
            Endpoint("connect", "inet", "10.0.0.5", 5432, START),
            Endpoint("connect", "inet6", "::ffff:127.0.0.1", 1, START),
            Endpoint("send", "inet", "10.0.0.2", 53, START),
            Endpoint("connect", "unix", "/run/x.sock", 0, START),
            Endpoint("connect", "inet", "no address", 7, START),
        ]
    )
    policy = policy_of(subject_of(seen))
    assert policy.ports == (8000,)
    assert policy.peers == (
        Peer("10.0.0.2", 53, udp=True),
        Peer("10.0.0.5", 5432, udp=False),
    )


def test_a_run_without_system_calls_beside_one_with_them_is_told() -> None:
    blind = replace(RUN, workload="batch", sensor=replace(RUN.sensor, kind=SensorKind.FANOTIFY))
    policy = policy_of(subject_of(bom_of(runs=(RUN, blind))))
    assert not policy.network_unknown
    assert not policy.calls.unknown
    assert [text for text in policy.unknown if "eBPF" in text] == [
        (
            "system calls, ports and addresses of the runs that the eBPF sensor did not watch"
            " (batch): those of the other runs count"
        )
    ]
    explored = replace(blind, workload="explore:imports", kind=RunKind.EXPLORATION)
    policy = policy_of(subject_of(bom_of(runs=(RUN, explored))))
    assert not any("eBPF" in text for text in policy.unknown)


FANOTIFY = replace(
    RUN,
    workload="batch",
    sensor=replace(RUN.sensor, kind=SensorKind.FANOTIFY, evidence=frozenset({Use.EXECUTED})),
)


def test_what_a_sensor_without_writes_did_not_see_keeps_the_root_writable() -> None:
    for runs in ((FANOTIFY,), (RUN, FANOTIFY)):
        policy = policy_of(subject_of(bom_of(runs=runs)))
        assert policy.fixed_root == (
            "what was written is not known of all runs: the sensor of batch does not see it",
        )
        assert not policy.read_only
    assert policy_of().read_only


def test_capabilities_of_root_are_not_known_without_system_calls() -> None:
    told = "capabilities: their need is seen by system calls, and those are not known"
    for user, is_told in (((0, 0), True), ((1000, 1000), False)):
        seen = bom_of(runs=(FANOTIFY,), endpoints=(), syscalls={})
        assert (told in policy_of(subject_of(seen, user=user)).unknown) is is_told
    assert told not in policy_of(subject_of(user=(0, 0))).unknown


def test_exploration_does_not_make_the_network_of_a_workload_known() -> None:
    blind = replace(RUN, sensor=replace(RUN.sensor, kind=SensorKind.FANOTIFY))
    explored = replace(RUN, workload="explore:imports", kind=RunKind.EXPLORATION)
    seen = bom_of(runs=(blind, explored), endpoints=(), syscalls={})
    assert "records no endpoints" in policy_of(subject_of(seen)).network_unknown


def test_a_sensor_without_endpoints_leaves_the_network_unknown() -> None:
    other = replace(RUN, sensor=replace(RUN.sensor, kind=SensorKind.FANOTIFY))
    policy = policy_of(subject_of(bom_of(runs=(other,), endpoints=(), syscalls={})))
    assert "records no endpoints" in policy.network_unknown
    assert "records no system calls" in policy.calls.unknown
