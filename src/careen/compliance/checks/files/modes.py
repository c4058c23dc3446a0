"""Modes and owners of single files of the system."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from careen.compliance.check import Check, Decision, failed, not_applicable, passed
from careen.compliance.checks.files.evidence import mode_of, shown
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry

_SHADOW = frozenset({"root", "shadow"})
_ROOT = frozenset({"root"})


@dataclass(frozen=True, slots=True)
class _Rule:
    """The greatest mode of some paths, and the groups that may own them besides root's.

    A path that ends with / stands for all files below it.
    """

    id: str
    paths: tuple[str, ...]
    mode: int
    groups: frozenset[str] = _ROOT


_RULES = (
    _Rule("mode-passwd", ("/etc/passwd", "/etc/passwd-"), 0o644),
    _Rule("mode-group", ("/etc/group", "/etc/group-"), 0o644),
    _Rule("mode-shadow", ("/etc/shadow", "/etc/shadow-"), 0o640, _SHADOW),
    _Rule("mode-gshadow", ("/etc/gshadow", "/etc/gshadow-"), 0o640, _SHADOW),
    _Rule("mode-shells", ("/etc/shells",), 0o644),
    _Rule("mode-opasswd", ("/etc/security/opasswd", "/etc/security/opasswd.old"), 0o600),
    _Rule("mode-banners", ("/etc/motd", "/etc/issue", "/etc/issue.net"), 0o644),
    _Rule("mode-sudoers", ("/etc/sudoers", "/etc/sudoers.d/"), 0o440),
    _Rule("mode-sshd-config", ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/"), 0o600),
    _Rule(
        "mode-cron",
        ("/etc/crontab", "/etc/cron.d/", "/var/spool/cron/"),
        0o644,
        frozenset({"root", "crontab"}),
    ),
    _Rule(
        "mode-cron-scripts",
        tuple(f"/etc/cron.{period}/" for period in ("hourly", "daily", "weekly", "monthly")),
        0o755,
    ),
    _Rule(
        "mode-package-keys",
        ("/etc/apt/trusted.gpg.d/", "/usr/share/keyrings/", "/etc/apk/keys/", "/etc/pki/rpm-gpg/"),
        0o644,
    ),
    _Rule(
        "mode-package-sources",
        (
            *("/etc/apt/sources.list", "/etc/apt/sources.list.d/", "/etc/apk/repositories"),
            *("/etc/yum.repos.d/", "/etc/dnf/dnf.conf"),
        ),
        0o644,
    ),
    _Rule("mode-package-credentials", ("/etc/apt/auth.conf", "/etc/apt/auth.conf.d/"), 0o640),
    _Rule("mode-loader", ("/etc/ld.so.conf", "/etc/ld.so.conf.d/", "/etc/ld.so.preload"), 0o644),
    _Rule("mode-profiles", ("/etc/profile", "/etc/profile.d/", "/etc/bash.bashrc"), 0o755),
)


def _found(subject: Subject, rule: _Rule) -> Iterator[Entry]:
    for path in rule.paths:
        if not path.endswith("/"):
            entry = subject.rootfs.walk(path).final
            if entry is not None and not entry.is_dir:
                yield entry
            continue
        folder = subject.rootfs.walk(path).final
        if folder is not None and folder.is_dir:
            yield from (each for each in subject.rootfs.below(folder.path) if not each.is_symlink)


def _decide(rule: _Rule) -> Callable[[Subject], Decision]:
    def decide(subject: Subject) -> Decision:
        listed = tuple(_found(subject, rule))
        if not listed:
            return not_applicable(f"the image has no {' or '.join(rule.paths)}")
        gids = {gid for name, gid in subject.accounts.groups or () if name in rule.groups} | {0}
        found = tuple(
            Evidence(str(entry.path), f"{mode_of(entry)}, at most {rule.mode:04o} root")
            for entry in listed
            if entry.uid != 0 or entry.gid not in gids or _beyond(entry, rule)
        )
        if found:
            return failed(f"{len(found)} files have a wider mode or another owner", found)
        return passed(
            f"{len(listed)} files belong to root and have mode {rule.mode:04o} or stricter",
            (shown(entry) for entry in listed),
        )

    return decide


def _beyond(entry: Entry, rule: _Rule) -> bool:
    # Who may write a directory can replace its files; what it lets others see is the files' mode.
    wide = 0o002 if entry.is_dir else 0o7777 & ~rule.mode
    return bool(entry.mode & wide)


CHECKS = tuple(
    Check(
        id=rule.id,
        title=f"{rule.paths[0]} belongs to root and has mode {rule.mode:04o} or stricter",
        reads=f"modes and owners of {', '.join(rule.paths)}",
        fix=f"chown root:root FILE; chmod {rule.mode:04o} FILE",
        command=f"find {' '.join(path.strip('/') for path in rule.paths)}"
        " -exec stat -c '%a %u:%g %n' {} +",
        decide=_decide(rule),
    )
    for rule in _RULES
)
