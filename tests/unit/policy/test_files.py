"""The files of a policy: docker, compose, AppArmor, Kubernetes, Kubescape."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from careen.formats.yaml_writer import yaml_text
from careen.model.policies.policy import Peer, Policy, RunAs, Writable, WritableBy
from careen.model.runs.trace import Endpoint, Phase, Use
from careen.policy.files.all_files import names, policy_files
from careen.policy.files.apparmor import apparmor_profile, quoted
from careen.policy.files.docker import compose_override, docker_flags
from careen.policy.files.kubernetes import block, deployment, network_policy
from careen.policy.files.kubescape import MOST_FILES, bill_of_behaviour, container_profile
from careen.tools.process import run
from tests.support.boms import START
from tests.support.policies import FILES, bom_of, policy_of, subject_of, used

WRITES = (
    used("/var/lib/service", Use.WRITTEN, kind="directory"),
    used("/srv/data", Use.WRITTEN, kind="directory"),
)


def documents(text: bytes) -> list[Any]:
    return list(yaml.safe_load_all(text))


def policy(**changes: Any) -> Policy:
    return replace(policy_of(subject_of(bom_of(WRITES))), **changes)


def root_policy() -> Policy:
    seen = bom_of(
        endpoints=[Endpoint("bind", "inet", "0.0.0.0", 80, START)],
        syscalls={Phase.START: ("execve", "chown")},
    )
    return policy_of(subject_of(seen, (0, 0)))


def test_docker_gets_one_flag_a_line() -> None:
    assert docker_flags(policy()).decode().splitlines() == [
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--read-only",
        "--user=1000:1000",
        "--volume=/srv/data",
        "--tmpfs=/tmp:rw,nosuid,nodev,noexec,mode=755",
        "--tmpfs=/var/lib/service:rw,nosuid,nodev,noexec,mode=755",
        "--security-opt=seccomp=seccomp.json",
    ]


def test_docker_gets_needed_capabilities_back() -> None:
    flags = docker_flags(root_policy()).decode().split()
    assert "--cap-add=CHOWN" in flags
    assert "--cap-add=NET_BIND_SERVICE" in flags


def test_the_other_groups_of_the_user_are_kept() -> None:
    of_render = policy(user=replace(policy().user, groups=(4242, 44)))
    flags = docker_flags(of_render).decode().split()
    assert [each for each in flags if "group" in each] == ["--group-add=4242", "--group-add=44"]
    (service,) = documents(compose_override(of_render))[0]["services"].values()
    assert service["group_add"] == ["4242", "44"]
    (found,) = documents(deployment(of_render))
    assert found["spec"]["template"]["spec"]["securityContext"]["supplementalGroups"] == [4242, 44]


def test_what_is_not_possible_is_not_asked_for() -> None:
    loose = policy(fixed_root=("/etc was written",), privileges=("/usr/bin/su",))
    flags = docker_flags(loose).decode().split()
    assert "--read-only" not in flags
    assert "--security-opt=no-new-privileges" not in flags


def test_code_can_be_mapped_where_it_is_compiled() -> None:
    cache = Writable("/c", WritableBy.TMPFS, 7, 8, 0o700, executable=True, reason="x")
    assert b"--tmpfs=/c:rw,nosuid,nodev,exec,mode=700,uid=7,gid=8" in docker_flags(
        policy(writable=(cache,))
    )


def test_podman_gets_flags_that_it_knows() -> None:
    cache = Writable("/c", WritableBy.TMPFS, 7, 8, 0o700, executable=False, reason="x")
    flags = docker_flags(policy(writable=(cache,)), owners=False)
    assert b"--tmpfs=/c:rw,nosuid,nodev,noexec,mode=1777\n" in flags


def test_an_audit_policy_gives_docker_the_profile_alone() -> None:
    assert docker_flags(policy(audit=True)) == b"--security-opt=seccomp=seccomp.json\n"
    (found,) = documents(compose_override(policy(audit=True)))
    assert found == {"services": {"service": {"security_opt": ["seccomp:./seccomp.json"]}}}


def test_an_audit_policy_names_a_user_that_was_asked_for() -> None:
    audit = policy(audit=True, user=RunAs(7, 8, "/", "--user", (9,)))
    assert docker_flags(audit).decode().split() == [
        *("--user=7:8", "--group-add=9", "--security-opt=seccomp=seccomp.json")
    ]
    (service,) = documents(compose_override(audit))[0]["services"].values()
    assert service == {
        "user": "7:8",
        "group_add": ["9"],
        "security_opt": ["seccomp:./seccomp.json"],
    }
    (found,) = documents(deployment(audit))
    context = found["spec"]["template"]["spec"]["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"]) == (7, 8)
    assert "fsGroup" not in context


@pytest.mark.parametrize(
    ("image", "written"),
    [
        ("wl/app:1", "wl/app:1"),
        ("docker://registry.example/wl/app:1", "registry.example/wl/app:1"),
        ("docker-archive:x.tar", None),
        ("oci:dir:tag", None),
        ("containers-storage:app", None),
    ],
)
def test_a_deployment_names_an_image_that_can_be_pulled(image: str, written: str | None) -> None:
    text = deployment(policy(image=image))
    (found,) = documents(text)
    (container,) = found["spec"]["template"]["spec"]["containers"]
    assert container["image"] == (written or "registry.example/service")
    asked = f"# Replace registry.example/service: a cluster cannot pull {image}.\n".encode()
    assert (asked in text) is (written is None)


def test_compose_gets_the_same() -> None:
    (found,) = documents(compose_override(policy()))
    assert found["services"]["service"] == {
        "user": "1000:1000",
        "read_only": True,
        "cap_drop": ["ALL"],
        "tmpfs": [
            "/tmp:rw,nosuid,nodev,noexec,mode=755",
            "/var/lib/service:rw,nosuid,nodev,noexec,mode=755",
        ],
        "volumes": [{"type": "volume", "target": "/srv/data"}],
        "security_opt": ["no-new-privileges:true", "seccomp:./seccomp.json"],
    }


@pytest.mark.parametrize("user", [(1, 1), (10, 30), (59, 59)])
def test_compose_reads_the_user_as_text(user: tuple[int, int]) -> None:
    """YAML 1.1 takes `10:30` for a number to the base of sixty."""
    (found,) = documents(compose_override(policy_of(subject_of(user=user))))
    assert found["services"]["service"]["user"] == f"{user[0]}:{user[1]}"


def test_kubernetes_gets_a_deployment_that_runs_as_the_policy_says() -> None:
    (found,) = documents(deployment(policy()))
    pod = found["spec"]["template"]["spec"]
    assert pod["securityContext"] == {
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "runAsNonRoot": True,
        "fsGroup": 1000,
        "seccompProfile": {"type": "Localhost", "localhostProfile": "careen/service.json"},
    }
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = [each["mountPath"] for each in container["volumeMounts"]]
    assert mounts == ["/srv/data", "/tmp", "/var/lib/service"]
    assert found["spec"]["selector"]["matchLabels"].items() <= (
        found["spec"]["template"]["metadata"]["labels"].items()
    )


def test_kubernetes_is_told_what_an_empty_directory_hides() -> None:
    text = deployment(policy()).decode()
    assert "# /srv/data: written by /usr/bin/service (workload web). The image has files" in text


def test_the_files_say_where_written_programs_can_be_executed() -> None:
    for text in (compose_override(policy()), deployment(policy())):
        assert b"# programs that are written to /srv/data can be executed: it is a volume" in text
        assert b"an emptyDir has no noexec" in text


def test_kubernetes_without_a_seccomp_profile_takes_the_runtimes() -> None:
    (found,) = documents(deployment(policy(calls=replace(policy().calls, unknown="emulated"))))
    assert found["spec"]["template"]["spec"]["securityContext"]["seccompProfile"] == {
        "type": "RuntimeDefault"
    }


def test_the_network_policy_lets_in_and_out_what_was_seen() -> None:
    seen = policy(peers=(Peer("10.0.0.2", 53, udp=True), Peer("10.0.0.5", 5432, udp=False)))
    (found,) = documents(network_policy(seen))
    assert found["spec"]["ingress"] == [{"ports": [{"protocol": "TCP", "port": 8000}]}]
    names_, database = found["spec"]["egress"]
    assert names_["to"][0]["podSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
    assert database == {
        "to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}],
        "ports": [{"protocol": "TCP", "port": 5432}],
    }


def test_a_service_that_calls_nobody_may_reach_nobody() -> None:
    (found,) = documents(network_policy(policy()))
    assert found["spec"]["egress"] == []
    assert set(found["spec"]["policyTypes"]) == {"Ingress", "Egress"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.0.0.5", "10.0.0.5/32"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("::ffff:10.0.0.5", "10.0.0.5/32"),
        ("fe80::1%eth0", "fe80::1/128"),
    ],
)
def test_an_address_becomes_a_block_of_its_own(address: str, expected: str) -> None:
    assert block(address) == expected


def test_kubescape_gets_a_profile_and_a_network_that_are_its_users() -> None:
    seen = bom_of(WRITES)
    profile, network = documents(bill_of_behaviour(policy(), seen))
    for found, kind in ((profile, "ApplicationProfile"), (network, "NetworkNeighborhood")):
        assert (found["kind"], found["metadata"]["name"]) == (kind, "service")
        assert found["apiVersion"] == "spdx.softwarecomposition.kubescape.io/v1beta1"
        assert found["metadata"]["annotations"]["kubescape.io/managed-by"] == "User"
    (container,) = profile["spec"]["containers"]
    assert container["execs"] == [{"path": "/usr/bin/service"}]
    assert container["syscalls"] == sorted(
        {*seen.syscalls[Phase.START], *seen.syscalls[Phase.SERVING]}
    )
    assert {"path": "/srv/data/*", "flags": ["O_RDWR", "O_CREAT"]} in container["opens"]


def test_kubescape_gets_one_object_that_it_does_not_take_for_its_own() -> None:
    """A ContainerProfile with a status is one that the node agent learned, and is ignored."""
    seen = bom_of(WRITES)
    (found,) = documents(container_profile(policy(), seen))
    profile, network = documents(bill_of_behaviour(policy(), seen))
    assert (found["kind"], found["metadata"]["name"]) == ("ContainerProfile", "service")
    assert found["metadata"]["annotations"] == {"kubescape.io/managed-by": "User"}
    both = {**profile["spec"]["containers"][0], **network["spec"]["containers"][0]}
    assert found["spec"] == {
        "architectures": ["amd64"],
        **{key: value for key, value in both.items() if key != "name"},
    }


def test_kubescape_gets_a_wildcard_for_a_directory_with_many_files() -> None:
    many = [used(f"/srv/data/{number}", Use.OPENED) for number in range(MOST_FILES + 1)]
    profile, _ = documents(bill_of_behaviour(policy(), bom_of(many)))
    paths = [each["path"] for each in profile["spec"]["containers"][0]["opens"]]
    assert "/srv/data/\u22ef" in paths
    assert "/srv/data/7" not in paths


def test_apparmor_runs_what_was_run_and_writes_what_must_be_written() -> None:
    lines = apparmor_profile(policy(), bom_of(WRITES)).decode().splitlines()
    rules = [line.strip() for line in lines]
    assert "/usr/bin/service mrix," in rules
    assert "/usr/lib/libservice.so mr," in rules
    assert "/var/lib/service/** rwkl," in rules
    assert "/** wkl," not in rules
    assert "profile careen-service flags=(attach_disconnected,mediate_deleted) {" in rules


def test_apparmor_complains_in_audit_mode() -> None:
    text = apparmor_profile(policy(audit=True), bom_of()).decode()
    assert "flags=(attach_disconnected,mediate_deleted,complain)" in text
    assert "deny " not in text  # it refuses in such a profile, too
    assert "deny @{PROC}/kcore" in apparmor_profile(policy(), bom_of()).decode()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/bin/a", "/usr/bin/a"),
        ("/a b", '"/a b"'),
        ("/a{b}*", '"/a\\{b\\}\\*"'),
        ("/a\nprofile x {", '"/a?profile x \\{"'),
        ('/a"', '"/a\\""'),
    ],
)
def test_a_path_cannot_add_a_rule(path: str, expected: str) -> None:
    assert quoted(path) == expected


@pytest.mark.apparmor
@pytest.mark.parametrize("name", ["/opt/plain", "/opt/a b", '/opt/"{x}*?[y]^@,', "/opt/\n}\udcff"])
def test_the_parser_of_apparmor_reads_the_profile(name: str, tmp_path: Path) -> None:
    seen = bom_of([used(name, Use.EXECUTED, Use.MAPPED)])
    odd = Writable(name, WritableBy.TMPFS, 0, 0, 0o755, executable=True, reason="x")
    made = replace(policy_of(subject_of(seen, files={**FILES, name: b""})), writable=(odd,))
    file = tmp_path / "profile"
    file.write_bytes(apparmor_profile(made, seen))
    done = run(["apparmor_parser", "-Q", "-K", "-S", str(file)], timeout=60)
    assert done.status == 0, done.complaint


def test_text_of_an_image_cannot_leave_a_comment() -> None:
    text = yaml_text([{"a": "x\udcff"}], ["one\nservices: {}", "two\x1b[31m"]).decode()
    assert yaml.safe_load(text) == {"a": "x?"}
    assert text.splitlines()[:2] == ["# one services: {}", "# two\N{REPLACEMENT CHARACTER}[31m"]


def test_what_is_unknown_has_no_file() -> None:
    subject = subject_of()
    known = policy_files(policy(), subject.bom, subject.defaults)
    assert set(known) == set(names())
    blind = policy(
        calls=replace(policy().calls, allowed=(), unknown="emulated"), network_unknown="fanotify"
    )
    missing = set(known) - set(policy_files(blind, subject.bom, subject.defaults))
    assert missing == {
        "seccomp.json",
        "kubernetes-network-policy.yaml",
        "kubescape.yaml",
        "kubescape-container-profile.yaml",
    }


def test_an_audit_policy_has_no_network_policy_which_only_refuses() -> None:
    subject = subject_of()
    made = policy_files(policy(audit=True), subject.bom, subject.defaults)
    assert set(names()) - set(made) == {"kubernetes-network-policy.yaml"}


def test_equal_input_gives_equal_files() -> None:
    subject = subject_of(bom_of(WRITES))
    first, second = (
        policy_files(policy_of(subject), subject.bom, subject.defaults) for _ in range(2)
    )
    assert first == second
