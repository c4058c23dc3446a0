"""Images with one violation each: exactly the checks that should find it fail, and the result of
no other check changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from careen.compliance.registry import CHECKS
from careen.engines.embedded.materialise import materialise
from careen.model.compliance.result import Result
from careen.tools.process import run
from tests.support.compliance import (
    CERTIFICATE,
    GROUP,
    PASSWD,
    SHADOW,
    STATUS,
    TODAY,
    package,
    program,
    release,
    results,
    subject,
)
from tests.support.images import Item, device, directory, file, symlink
from tests.support.secrets import private_key

# cap_kill=ep, as setcap writes it (version 2 of the attribute).
CAPABILITY = "\x01\x00\x00\x02\x20" + "\x00" * 15
STARTS = {"created_by": "COPY service /usr/bin/service # buildkit"}


@dataclass(frozen=True)
class Fault:
    """What is planted, which checks must fail by it, and which may change otherwise."""

    finds: set[str]
    members: tuple[Item, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = (STARTS,)
    answers: Mapping[str, Result] = field(default_factory=dict)


def step(text: str) -> tuple[Mapping[str, Any], ...]:
    return (STARTS, {"created_by": text, "empty_layer": True})


def passwd(line: str) -> Item:
    return file("etc/passwd", PASSWD + line + "\n")


def group(line: str) -> Item:
    return file("etc/group", GROUP + line + "\n")


def installed(*names: str) -> tuple[Item, ...]:
    return (
        file("var/lib/dpkg/status", STATUS + "".join(package(name) for name in names)),
        *(file(f"var/lib/dpkg/info/{name}.list", "/.\n") for name in names if name != "lost"),
    )


def sources(text: str) -> Item:
    return file("etc/apt/sources.list.d/debian.sources", text)


OTHER_CERTIFICATE = CERTIFICATE.replace("MAMCAQE=", "MAMCAQI=")
KEY = private_key()
FAIL, PASS, NOT, OPEN = Result.FAIL, Result.PASS, Result.NOT_APPLICABLE, Result.NOT_EVALUABLE
NEW = "programs-have-packages"  # a planted program belongs to no package
SHELL = file("bin/sh", b"#!", mode=0o755)
FAULTS: Mapping[str, Fault] = {
    "no user": Fault(
        {"user-not-root"}, config={"User": ""}, answers={"programs-not-writable-by-user": NOT}
    ),
    "user 0": Fault(
        {"user-not-root"}, config={"User": "0:0"}, answers={"programs-not-writable-by-user": NOT}
    ),
    "user root by name": Fault(
        {"user-not-root", "user-numeric"},
        config={"User": "root"},
        answers={"programs-not-writable-by-user": NOT},
    ),
    "non-numeric user": Fault({"user-numeric"}, config={"User": "app"}),
    "no HEALTHCHECK": Fault({"healthcheck"}, config={"Healthcheck": None}),
    "disabled HEALTHCHECK": Fault({"healthcheck"}, config={"Healthcheck": {"Test": ["NONE"]}}),
    "ADD": Fault({"history-no-add"}, history=step("ADD app.tar.gz /app # buildkit")),
    "update alone": Fault(
        {"history-no-update-alone"}, history=step("RUN /bin/sh -c apt-get update # buildkit")
    ),
    "unverified download": Fault(
        {"history-verifies-downloads"},
        history=step("RUN /bin/sh -c curl -fsSL https://example.com/x.sh | sh"),
    ),
    "unsigned packages": Fault(
        {"history-verifies-packages"},
        history=step("RUN /bin/sh -c apt-get install -y --allow-unauthenticated x"),
    ),
    "privileged port": Fault(
        {"no-privileged-ports"}, config={"ExposedPorts": {"80/tcp": {}, "8080/tcp": {}}}
    ),
    "port for logins": Fault(
        {"no-privileged-ports", "no-login-ports"}, config={"ExposedPorts": {"22/tcp": {}}}
    ),
    "volume over the system": Fault({"volumes-safe"}, config={"Volumes": {"/etc/": {}}}),
    "lists of apt": Fault(
        {"no-package-caches"}, (file("var/lib/apt/lists/example_InRelease", "x"),)
    ),
    "relative PATH": Fault({"path-safe"}, config={"Env": ["PATH=/usr/bin:."]}),
    "PATH that everyone can write": Fault(
        {"path-safe"},
        (directory("opt/bin", mode=0o1777),),
        config={"Env": ["PATH=/usr/bin:/opt/bin"]},
    ),
    "LD_PRELOAD": Fault(
        {"no-injected-code"}, config={"Env": ["PATH=/usr/bin:/bin", "LD_PRELOAD=/app/x.so"]}
    ),
    "ENV names a file for shells": Fault(
        {"no-injected-code"}, config={"Env": ["PATH=/usr/bin:/bin", "ENV=/app/rc"]}
    ),
    "ENV of a service": Fault(set(), config={"Env": ["PATH=/usr/bin:/bin", "ENV=production"]}),
    "NODE_OPTIONS that load a module": Fault(
        {"no-injected-code"},
        config={"Env": ["PATH=/usr/bin:/bin", "NODE_OPTIONS=--max-old-space-size=1 --require /x.js"]},
    ),
    "NODE_OPTIONS that import a module": Fault(
        {"no-injected-code"}, config={"Env": ["PATH=/usr/bin:/bin", "NODE_OPTIONS=--import=/x.mjs"]}
    ),
    "NODE_OPTIONS about memory": Fault(
        set(), config={"Env": ["PATH=/usr/bin:/bin", "NODE_OPTIONS=--max-old-space-size=4096"]}
    ),
    "script of cron of a user": Fault(
        {"mode-cron-scripts", "programs-not-writable-by-user"},
        (file("etc/cron.daily/x", "#!/bin/sh\n", mode=0o775, uid=10001, gid=10001),),
    ),
    "relative ENTRYPOINT": Fault({"entrypoint-absolute"}, config={"Entrypoint": ["service"]}),
    "no labels": Fault({"origin-stated"}, config={"Labels": {}}, answers={"base-stated": OPEN}),
    "empty password": Fault(
        {"no-empty-passwords", "no-passwords"},
        (file("etc/shadow", SHADOW.replace("app:!", "app:"), mode=0o640, gid=42),)
    ),
    "empty password in passwd": Fault(
        {"no-empty-passwords", "no-passwords"},
        (file("etc/passwd", PASSWD.replace("app:x", "app:")),),
    ),
    "password hash": Fault(
        {"no-passwords", "passwords-expire"},
        (file("etc/shadow", SHADOW.replace("app:!", "app:$6$salt$hash"), mode=0o640, gid=42),),
        answers={"strong-password-hashes": PASS},
    ),
    "weak hash in passwd": Fault(
        {"no-passwords", "passwords-shadowed", "strong-password-hashes"},
        (file("etc/passwd", PASSWD.replace("app:x", "app:$1$salt$hash")),),
    ),
    "second root": Fault(
        {"only-root-has-uid-0", "unique-uids"}, (passwd("toor:x:0:10001::/app:/bin/false"),)
    ),
    "root's group": Fault({"only-root-has-gid-0"}, (passwd("web:x:50:0::/app:/bin/false"),)),
    "second group 0": Fault({"only-root-group-has-gid-0", "unique-gids"}, (group("wheel:x:0:"),)),
    "name twice": Fault({"unique-user-names"}, (passwd("app:x:10002:10001::/app:/bin/false"),)),
    "group twice": Fault({"unique-group-names"}, (group("app:x:10009:"),)),
    "missing group": Fault({"groups-exist"}, (passwd("web:x:50:77::/app:/bin/false"),)),
    "member of shadow": Fault(
        {"shadow-group-empty"},
        (file("etc/group", GROUP.replace("shadow:x:42:", "shadow:x:42:app")),),
    ),
    "broken line": Fault({"account-files-valid"}, (passwd("broken"),)),
    "shell of a system account": Fault(
        {"system-accounts-no-shell", "no-shells", NEW},
        (passwd("web:x:50:10001::/app:/bin/sh"), SHELL),
    ),
    "home of another": Fault(
        {"home-directories", "no-shells", NEW},
        (passwd("eve:x:10002:10001::/app:/bin/sh"), SHELL),
    ),
    "rhosts": Fault({"no-trust-files"}, (file("app/.rhosts", "+ +\n", uid=10001, gid=10001),)),
    "profile that others can write": Fault(
        {"hidden-files-protected"}, (file("app/.profile", "", mode=0o664, uid=10001, gid=10001),)
    ),
    "setuid": Fault({"no-setid-files", NEW}, (file("usr/bin/x", b"x", mode=0o4755),)),
    "setgid": Fault({"no-setid-files", NEW}, (file("usr/bin/x", b"x", mode=0o2755),)),
    "file capability": Fault(
        {"no-file-capabilities", NEW},
        (
            file(
                "usr/bin/x",
                b"x",
                mode=0o755,
                pax={"SCHILY.xattr.security.capability": CAPABILITY},
            ),
        ),
    ),
    "device": Fault({"no-device-nodes"}, (device("mem", 1, 1),)),
    "file that everyone can write": Fault(
        {"no-world-writable-files"}, (file("app/data", "x", mode=0o666, uid=10001, gid=10001),)
    ),
    "directory that everyone can write": Fault(
        {"sticky-directories"}, (directory("app/data", mode=0o777, uid=10001, gid=10001),)
    ),
    "program of the user": Fault(
        {"programs-not-writable-by-user", NEW}, (file("app/run", b"x", mode=0o755, uid=10001, gid=10001),)
    ),
    "no owner": Fault({"files-have-owners"}, (file("app/x", "x", uid=4711, gid=10001),)),
    "program of another": Fault(
        {"programs-owned-by-root", NEW}, (file("usr/bin/x", b"x", mode=0o755, gid=10001),),
    ),
    "library that the group can write": Fault(
        {"libraries-owned-by-root"}, (file("usr/lib/x.so", b"x", mode=0o664),)
    ),
    "mode of passwd": Fault({"mode-passwd"}, (file("etc/passwd", PASSWD, mode=0o664),)),
    "mode of shadow": Fault({"mode-shadow"}, (file("etc/shadow", SHADOW, mode=0o644, gid=42),)),
    "mode of sources": Fault(
        {"mode-package-sources"}, (file("etc/apt/sources.list", "", mode=0o664),)
    ),
    "mode of a key": Fault(
        {"mode-package-keys"}, (file("usr/share/keyrings/example.gpg", "key", mode=0o664),)
    ),
    "mode of sshd_config": Fault(
        {"mode-sshd-config"}, (file("etc/ssh/sshd_config", "", mode=0o644),)
    ),
    "log that everyone can read": Fault(
        {"logs-not-readable"}, (file("var/log/build.log", "built", mode=0o644),)
    ),
    "log of a user": Fault(
        {"logs-not-writable"}, (file("var/log/build.log", "built", mode=0o640, uid=10001),)
    ),
    "audit tool of another": Fault(
        {"audit-tools-protected", NEW}, (file("opt/auditctl", b"x", mode=0o775),),
    ),
    "host key": Fault({"no-ssh-host-keys"}, (file("etc/ssh/ssh_host_rsa_key", "k", mode=0o600),)),
    "authorized key": Fault(
        {"no-authorized-keys"}, (file("root/.ssh/authorized_keys", "k", mode=0o600),)
    ),
    "executable stack": Fault(
        {"no-code-on-stack", NEW}, (file("usr/bin/x", program(stack=7), mode=0o755),)
    ),
    "fixed address": Fault(
        {"random-addresses", NEW}, (file("usr/bin/x", program(kind=2), mode=0o755),)
    ),
    "wide umask": Fault({"default-umask"}, (file("etc/login.defs", "UMASK 022\n"),)),
    "sshd": Fault({"no-ssh-server", NEW}, (file("usr/sbin/sshd", b"x", mode=0o755),)),
    "sshd by package": Fault({"no-ssh-server"}, installed("openssh-server")),
    "telnetd": Fault({"no-telnet-server", NEW}, (file("usr/sbin/telnetd", b"x", mode=0o755),)),
    "FTP client": Fault({"no-ftp-client"}, installed("ftp")),
    "compiler": Fault(
        {"no-development-tools", NEW}, (file("opt/x/bin/gcc", b"x", mode=0o755),)
    ),
    "link to a shell": Fault(
        {"no-shells", NEW}, (file("usr/bin/toybox", b"x", mode=0o755), symlink("usr/bin/sh", "toybox"))
    ),
    "package manager": Fault({"no-package-managers"}, installed("apt")),
    "sudo": Fault({"no-privilege-tools"}, installed("sudo")),
    "curl": Fault({"no-network-tools", NEW}, (file("usr/bin/curl", b"x", mode=0o755),)),
    "unsigned source": Fault(
        {"apt-verifies-signatures"},
        (file("etc/apt/sources.list", "deb [trusted=yes signed-by=/x] https://example.com x main\n"),),
    ),
    "source without its key": Fault(
        {"apt-sources-signed-by"},
        (sources("Types: deb\nURIs: https://example.com\nSuites: x\nComponents: main\n"),),
    ),
    "apt without signatures": Fault(
        {"apt-verifies-signatures"},
        (file("etc/apt/apt.conf.d/99", 'APT::Get::AllowUnauthenticated "true";\n'),),
    ),
    "unchecked rpm repository": Fault(
        {"rpm-verifies-signatures"}, (file("etc/yum.repos.d/x.repo", "[x]\ngpgcheck = 0\n"),)
    ),
    "apk without keys": Fault(
        {"apk-has-keys"}, (file("etc/apk/repositories", "https://example.com/alpine\n"),),
        answers={"mode-package-sources": PASS},
    ),
    "old release": Fault({"release-supported"}, (file("etc/os-release", release("9")),)),
    "changed file": Fault({"package-files-unchanged"}, (file("usr/lib/libservice.so", b"other"),)),
    "package twice": Fault(
        {"one-version-of-each-package"},
        (
            file(
                "var/lib/dpkg/status.d/service",
                package("service", "2").strip() + "\n",
            ),
            file("var/lib/dpkg/status.d/service.md5sums", ""),
        ),
    ),
    "record without a file list": Fault({"inventory-complete"}, installed("lost")),
    "program of no package": Fault({NEW}, (file("opt/tool", b"x", mode=0o755),)),
    "download by the HEALTHCHECK alone": Fault(
        set(), history=step('HEALTHCHECK &{["CMD-SHELL" "curl -fsS http://localhost/health"]}')
    ),
    "name of a service for a port": Fault(
        set(),
        config={"ExposedPorts": {"ssh/tcp": {}}},
        answers={"no-privileged-ports": OPEN, "no-login-ports": OPEN},
    ),
    "range of ports with one for logins": Fault(
        {"no-privileged-ports", "no-login-ports"}, config={"ExposedPorts": {"20-25/tcp": {}}}
    ),
    "range of ports up to one for logins": Fault(
        {"no-login-ports"}, config={"ExposedPorts": {"2000-2222/tcp": {}}}
    ),
    "empty shell of a system account": Fault(
        {"system-accounts-no-shell", "no-shells", NEW},
        (passwd("web:x:50:10001::/app:"), SHELL),
    ),
    "link to authorized keys": Fault(
        {"no-authorized-keys"}, (symlink("root/.ssh/authorized_keys", "/opt/keys"),)
    ),
    "authorized keys behind a linked folder": Fault(
        {"no-authorized-keys"},
        (symlink("root/.ssh", "/opt/k"), file("opt/k/authorized_keys", "k", mode=0o600)),
    ),
    "private key that everyone can read": Fault(
        {"private-keys-protected"}, (file("etc/ssl/private/server.key", KEY, mode=0o644),)
    ),
    "private key of root alone": Fault(
        set(), (file("etc/ssl/private/server.key", KEY, mode=0o600),)
    ),
    "public part of a key": Fault(set(), (file("etc/ssl/server.pem", CERTIFICATE),)),
    "link to a host key": Fault(
        {"no-ssh-host-keys"}, (symlink("etc/ssh/ssh_host_rsa_key", "/opt/key"),)
    ),
    "umask of one digit in a profile": Fault(
        {"default-umask"}, (file("etc/profile", "umask 0\n"),), answers={"mode-profiles": PASS}
    ),
    "umask of two digits behind a condition": Fault(
        {"default-umask"}, (file("etc/profile.d/x.sh", '[ "$(umask)" = 0 ] && umask 22\n'),),
        answers={"mode-profiles": PASS},
    ),
    "umask in letters": Fault(
        set(),
        (file("etc/profile", "umask u=rwx,g=,o=\n"),),
        answers={"default-umask": Result.MANUAL, "mode-profiles": PASS},
    ),
    "sshd where data is": Fault(
        {"no-ssh-server", NEW}, (file("usr/share/x/sshd", b"\x7fELF", mode=0o755),)
    ),
    "script where data is": Fault(
        set(), (file("usr/share/x/sshd", b"#!/bin/sh\n", mode=0o755),)
    ),
    "compiler with a version": Fault(
        {"no-development-tools", NEW}, (file("usr/bin/gcc-12", b"x", mode=0o755),)
    ),
    "compiler with target and version": Fault(
        {"no-development-tools", NEW},
        (file("usr/bin/x86_64-linux-gnu-g++-4.8", b"x", mode=0o755),),
    ),
    "package of a compiler with a version": Fault({"no-development-tools"}, installed("gcc-12")),
    "base of a compiler": Fault(set(), installed("gcc-12-base")),
    "certificate in the bundle": Fault(
        set(),
        (file("etc/ssl/certs/ca-certificates.crt", CERTIFICATE + OTHER_CERTIFICATE),),
        answers={"no-added-certificates": Result.MANUAL},
    ),
    "certificate beside the bundle": Fault(
        set(),
        (file("etc/ssl/certs/evil.pem", OTHER_CERTIFICATE),),
        answers={"no-added-certificates": Result.MANUAL},
    ),
    "certificate among the delivered ones": Fault(
        set(),
        (
            file("etc/ssl/certs/ca-certificates.crt", CERTIFICATE + OTHER_CERTIFICATE),
            file("usr/share/ca-certificates/evil.crt", OTHER_CERTIFICATE),
        ),
        answers={"no-added-certificates": Result.MANUAL},
    ),
    "keystore": Fault(
        set(),
        (file("etc/ssl/certs/java/cacerts", b"\xfe\xed\xfe\xed"),),
        answers={"no-added-certificates": Result.MANUAL},
    ),
    "trusted form of the certificate": Fault(
        set(),
        (
            file(
                "etc/ssl/certs/trusted.pem",
                "-----BEGIN TRUSTED CERTIFICATE-----\nMAMCAQEwAA==\n-----END -----\n",
            ),
        ),
    ),
    "folder of a spool": Fault(
        set(),
        (directory("var/spool/cron/crontabs", mode=0o1730),),
        answers={"mode-cron": PASS},
    ),
    "method of apt": Fault(
        set(), (file("usr/lib/apt/methods/ftp", b"x", mode=0o755),)
    ),
    "added certificate": Fault(
        set(),
        (file("usr/local/share/ca-certificates/own.crt", "certificate"),),
        answers={"no-added-certificates": Result.MANUAL},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Result]:
    with subject(tmp_path_factory.mktemp("sound")) as image:
        return {name: each.result for name, each in results(image).items()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_by_its_checks_alone(
    name: str, tmp_path: Path, sound: Mapping[str, Result]
) -> None:
    fault = FAULTS[name]
    with subject(tmp_path, *fault.members, config=fault.config, history=fault.history) as image:
        found = {check: each.result for check, each in results(image).items()}
    expected = {**sound, **fault.answers, **dict.fromkeys(fault.finds, FAIL)}
    changed = {check: found[check] for check in CHECKS if found[check] is not sound[check]}
    assert changed == {c: r for c, r in expected.items() if r is not sound[c]}


def test_at_least_forty_images_each_with_one_fault() -> None:
    assert len(FAULTS) >= 40
    assert TODAY.year == 2026


BY_HAND = {
    check: CHECKS[check].command
    for check in CHECKS
    if not any(
        word in CHECKS[check].command
        for word in (
            "IMAGE",
            "ROOT",
            "UID",
            "PROGRAM",
            "careen ",
            "DIRECTORY",
            "dpkg-query",
            "dpkg -S",
        )
    )
}


@pytest.mark.root
@pytest.mark.parametrize(
    "name", [name for name, each in FAULTS.items() if each.members and each.finds & BY_HAND.keys()]
)
def test_the_command_by_hand_shows_the_same(name: str, tmp_path: Path) -> None:
    """Run where an assessor unpacked the image, it prints what the check found."""
    fault = FAULTS[name]
    commands = {check: BY_HAND[check] for check in sorted(fault.finds) if check in BY_HAND}
    root = tmp_path / "root"
    root.mkdir()
    with subject(tmp_path, *fault.members, config=fault.config) as image:
        materialise(image.rootfs, root)
        found = results(image)
    for check, command in commands.items():
        done = run(["bash", "-c", command], timeout=30, cwd=str(root))
        seen = [each for each in found[check].evidence if not each.value.startswith("pkg:")]
        names = {each.where.rpartition("/")[2] for each in seen}
        words = {word.strip(":,") for each in seen for word in each.value.split()}
        assert not seen or any(each in done.text for each in names | words), (command, done.text)
