"""Command lines of dnf 4, dnf 5 and microdnf, with caches, logs and state on the sandbox."""

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError, ToolError
from careen.model.patching import PatchChoices
from careen.model.runs.engine import CommandResult
from careen.oci.tree.rootfs import Rootfs
from careen.patch.distribution.repositories import clean, trust, urls
from careen.patch.rpm.database import RpmDatabase
from careen.patch.rpm.words import MAX_LINES, Nevra, read_nevra, read_packages, refusal
from careen.patch.sandbox import LONG, SHORT, Sandbox

KEY_DIRECTORY = "/etc/pki/rpm-gpg"
_FORMAT = r"%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{repoid}\n"
_DNF4_FORMAT = r"%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{reponame}\n"
_MAX_KEYS = 64
_MAX_KEY = 1 << 20
_SHOWN = 400
_UNSIGNED = re.compile(
    r"not signed|cannot be verified|GPG check"
    r" FAILED|key.{0,40}not.{0,20}(?:installed|trusted)|public key is not|not correct for this"
    r" package|OpenPGP check",
    re.IGNORECASE,
)


class DnfVariant(enum.Enum):
    """Program that upgrades rpm packages; the value is its name."""

    DNF4 = "dnf"
    DNF5 = "dnf5"
    MICRO = "microdnf"


def find_dnf(rootfs: Rootfs) -> tuple[DnfVariant, str] | None:
    """Return the image's program and its path, dnf5 before dnf before microdnf; None for none."""
    for path in ("/usr/bin/dnf5", "/usr/bin/dnf", "/usr/bin/dnf-3", "/usr/bin/microdnf"):
        entry = rootfs.find(path)
        if entry is None or not entry.is_executable:
            continue
        name = entry.path.rpartition("/")[2]
        return (
            DnfVariant.DNF5
            if "dnf5" in name
            else DnfVariant.MICRO
            if name == "microdnf"
            else DnfVariant.DNF4
        ), path
    return None


@dataclass(frozen=True, slots=True)
class ManagerCommand:
    """Prepared call of the program: the sandbox, the leading words, and the environment.

    `keys` are the addresses of the keys that the user named.
    """

    sandbox: Sandbox
    flavour: DnfVariant
    words: tuple[str, ...]
    env: Mapping[str, str]
    database: RpmDatabase
    keys: tuple[str, ...] = ()
    in_tooling: bool = False

    def run(self, command: Sequence[str], *, doing: str, long: bool = False) -> CommandResult:
        """Run one command; the exit status is not checked."""
        timeout = LONG if long else SHORT
        try:
            return self.sandbox.run(
                (*self.words, *command),
                doing=doing,
                timeout=timeout,
                env=self.env,
                check=False,
                in_tooling=self.in_tooling,
            )
        except ToolError as error:
            msg = f"{error}; if a repository does not answer, name one that does with --source"
            raise ToolError(msg) from error

    def candidates(
        self, names: Sequence[str], *, excluded: bool = False
    ) -> list[tuple[Nevra, str]]:
        """Return the versions that the repositories offer of these packages, with the repository.

        `excluded` adds versions hidden by the image's excludes and locks. Raises ToolError for a
        repository that does not answer.
        """
        words = ["repoquery"]
        if self.flavour is not DnfVariant.MICRO:
            words += [
                "--available",
                "--qf",
                _DNF4_FORMAT if self.flavour is DnfVariant.DNF4 else _FORMAT,
            ]
            words += ["--setopt=disable_excludes=all,*"] * excluded + [
                "--disableplugin=versionlock"
            ] * (excluded and self.flavour is DnfVariant.DNF4)
        elif excluded:  # microdnf cannot disable excludes, but can read another configuration
            self.sandbox.directory("dnf")
            words.insert(0, "--config=" + self.sandbox.put("dnf/bare.conf", b"[main]\n"))
        done = self.run((*words, *names), doing="asking dnf for candidates")
        if done.status != 0:
            msg = f"asking {self.flavour.value} for candidates: {self.explained(done.output)}"
            raise ToolError(msg)
        if self.flavour is DnfVariant.MICRO:
            return [
                (nevra, "")
                for line in done.output.splitlines()
                if (nevra := read_nevra(line)) is not None
            ]
        return list(read_packages(done.output))

    def explained(self, output: str) -> str:
        """Return the cause of a failure in the program's words, with advice."""
        unsigned = [
            line.strip() for line in output.splitlines()[:MAX_LINES] if _UNSIGNED.search(line)
        ]
        if unsigned:
            return (
                f"{clean('; '.join(dict.fromkeys(unsigned)))[:_SHOWN]}; signatures are always"
                " checked: name the repository's key with --source-key"
            )
        return (
            f"{clean(refusal(output))[:_SHOWN]}; name a repository that answers with --source, or"
            " leave the package out with --exclude"
        )


def set_up(
    sandbox: Sandbox,
    rootfs: Rootfs,
    choices: PatchChoices,
    program: tuple[DnfVariant, str],
    *,
    root: str = "",
) -> ManagerCommand:
    """Return the program prepared for the image, or for `root` in the tooling container.

    Raises InputError for `--source` without a trusted key, and for a key file that cannot be used.
    """
    flavour, path = program
    inside = sandbox.directory("dnf")
    for name in (
        "log",
        "persist",
        "state",
    ):  # the cache is kept for the next container of this image
        sandbox.remove_tree(f"dnf/{name}")
        sandbox.directory(f"dnf/{name}")
    database = RpmDatabase(sandbox, root)
    environment = dict(trust(sandbox, rootfs, choices.certificates))
    words = [
        path,
        f"--setopt=cachedir={inside}/cache",
        "--setopt=*.skip_if_unavailable=0",
        "--setopt=*.gpgcheck=1",
    ]
    if flavour is DnfVariant.MICRO:
        words += ["--setopt=install_weak_deps=0", "--best", "--setopt=keepcache=1"]
    else:
        settings = {
            "logdir": f"{inside}/log",
            "persistdir": f"{inside}/persist",
            "install_weak_deps": "False",
            "best": "True",
            "keepcache": "True",
        }
        settings |= {"retries": "2", "timeout": "30"}
        if environment:
            settings["sslcacert"] = environment["SSL_CERT_FILE"]
        if flavour is DnfVariant.DNF5:
            settings |= {
                "system_cachedir": f"{inside}/cache",
                "system_state_dir": f"{inside}/state",
            }
        else:
            settings["color"] = "never"
        words += [f"--setopt={name}={value}" for name, value in settings.items()]
    if root:
        words.append(f"--installroot={root}")
    keys = _keys(sandbox, rootfs, choices.keys)
    if choices.sources:
        if not keys and not database.keys():
            msg = (
                f"--source: the image trusts no key, in rpm's database or in {KEY_DIRECTORY}, to"
                " check packages with; name the repository's with --source-key"
            )
            raise InputError(msg)
        _write_repositories(sandbox, choices.sources, keys, environment.get("SSL_CERT_FILE", ""))
        words.append(f"--setopt=reposdir={inside}/repos")
    elif choices.keys:
        words.append(f"--setopt=*.gpgkey={','.join(keys)}")
    words += ["-C"] * (
        not choices.online and flavour is not DnfVariant.MICRO and not choices.sources
    )
    return ManagerCommand(
        sandbox,
        flavour,
        tuple(words),
        {**environment, "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"},
        database,
        keys[len(keys) - len(choices.keys) :],
        bool(root),
    )


def _keys(sandbox: Sandbox, rootfs: Rootfs, named: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses of the image's key files and of the named ones.

    Raises InputError for a file that is not an ASCII-armoured public key.
    """
    entry = rootfs.find(KEY_DIRECTORY)
    own = rootfs.children(entry.path)[:_MAX_KEYS] if entry is not None else ()
    sandbox.directory("keys")
    told = []
    for number, name in enumerate(named):
        if "://" in name:
            told.append(name)
            continue
        try:
            content = Path(name).read_bytes() if Path(name).stat().st_size <= _MAX_KEY else b""
        except OSError as error:
            msg = f"--source-key {name}: {error.strerror}"
            raise InputError(msg) from error
        if b"BEGIN PGP PUBLIC KEY" not in content:
            msg = (
                f"--source-key {name}: expected an OpenPGP public key in ASCII armour, as"
                f" {KEY_DIRECTORY} holds them"
            )
            raise InputError(msg)
        told.append(f"file://{sandbox.put(f'keys/{number}.asc', content)}")
    # dnf imports a key when a package needs it.
    return (*(f"file://{path}" for path in own), *told)


def _write_repositories(
    sandbox: Sandbox, sources: Sequence[str], keys: Sequence[str], certificates: str
) -> None:
    sandbox.directory("dnf/repos")
    sections = []
    for number, url in enumerate(urls(sources, "dnf"), 1):
        base = url if "://" in url else f"file://{url}"
        lines = [
            f"[careen-{number}]",
            f"name=source {number}",
            f"baseurl={base}",
            "enabled=1",
            "gpgcheck=1",
        ]
        lines += [f"gpgkey={' '.join(keys)}"] * bool(keys)
        lines += [f"sslcacert={certificates}"] * bool(certificates)
        sections.append("\n".join(lines) + "\n")
    sandbox.put("dnf/repos/careen.repo", "\n".join(sections).encode())
