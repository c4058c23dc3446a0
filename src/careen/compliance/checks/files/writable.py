"""Files and directories that everyone, or the image's own user, may write to."""

from careen.compliance.check import Check, Decision, none_of, not_applicable, not_evaluable
from careen.compliance.checks.files.evidence import shown, unknown_user
from careen.compliance.identity import RunsAs
from careen.compliance.subject import Subject
from careen.model.paths import parent

_STICKY, _OTHERS = 0o1000, 0o002


def _files(subject: Subject) -> Decision:
    return none_of(
        (shown(entry) for entry in subject.rootfs if entry.is_file and entry.mode & _OTHERS),
        "{} files can be written by everyone",
        f"none of {len(subject.rootfs)} paths is a file that everyone can write",
    )


def _directories(subject: Subject) -> Decision:
    found = (
        shown(entry)
        for entry in subject.rootfs
        if entry.is_dir and entry.mode & _OTHERS and not entry.mode & _STICKY
    )
    return none_of(
        found,
        "{} directories can be written by everyone and have no sticky bit",
        "each directory that everyone can write has the sticky bit",
    )


def _programs(subject: Subject) -> Decision:
    user = subject.user
    if user is None:
        return not_evaluable(unknown_user(subject))
    if user.uid == 0:
        return not_applicable("the image runs as root, which may write everything (user-not-root)")
    open_folders = _replaceable(subject, user)
    found = (
        shown(entry)
        for entry in subject.rootfs
        if entry.is_executable and (user.writes(entry) or parent(entry.path) in open_folders)
    )
    return none_of(
        found,
        f"{{}} executable files can be written or replaced by {user.uid}:{user.gid}, which runs"
        " them",
        f"no executable file can be written or replaced by {user.uid}:{user.gid}, which runs them",
    )


def _replaceable(subject: Subject, user: RunsAs) -> frozenset[str]:
    """Return the directories in which, or above which, the user can put others in place."""
    found: set[str] = set()
    # In path order, a directory comes after those that hold it.
    for entry in subject.rootfs:
        if entry.is_dir and (user.replaces_in(entry) or parent(entry.path) in found):
            found.add(entry.path)
    return frozenset(found)


CHECKS = (
    Check(
        id="no-world-writable-files",
        title="No file can be written by everyone",
        reads="modes of all files",
        fix="chmod o-w FILE",
        command="find . -xdev -type f -perm -0002",
        decide=_files,
    ),
    Check(
        id="sticky-directories",
        title="Directories that everyone can write have the sticky bit",
        reads="modes of all directories",
        fix="chmod +t DIRECTORY, or chmod o-w DIRECTORY",
        command="find . -xdev -type d -perm -0002 ! -perm -1000",
        decide=_directories,
    ),
    Check(
        id="programs-not-writable-by-user",
        title="The user of the image cannot change the programs that it runs",
        reads="configuration: User; owners and modes of executable files and their directories",
        fix="Let root own programs: COPY --chown=0:0 --chmod=0755, and chown only what is written.",
        command="find . -type f -perm /111 \\( -uid UID -o -perm -0002 \\)",
        decide=_programs,
    ),
)
