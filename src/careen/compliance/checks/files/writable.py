"""Files and directories that everyone, or the image's own user, may write to."""

from careen.compliance.check import Check, Decision, none_of, not_applicable, not_evaluable
from careen.compliance.checks.files.evidence import shown
from careen.compliance.subject import Subject
from careen.model.entry import Entry

_STICKY, _OTHERS, _GROUP = 0o1000, 0o002, 0o020


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
        return not_evaluable(f"USER is {subject.config.user!r}, which the image does not have")
    if user[0] == 0:
        return not_applicable("the image runs as root, which may write everything (user-not-root)")
    found = (
        shown(entry) for entry in subject.rootfs if entry.is_executable and _may_write(entry, user)
    )
    return none_of(
        found,
        f"{{}} executable files can be written by the user that runs them, {user[0]}:{user[1]}",
        f"no executable file can be written by the user that runs them, {user[0]}:{user[1]}",
    )


def _may_write(entry: Entry, user: tuple[int, int]) -> bool:
    # The owner of a file can give itself the right to write.
    if entry.uid == user[0] or entry.mode & _OTHERS:
        return True
    return entry.gid == user[1] and bool(entry.mode & _GROUP)


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
        reads="configuration: User; owners and modes of executable files",
        fix="Let root own programs: COPY --chown=0:0 --chmod=0755, and chown only what is written.",
        command="find . -type f -perm /111 \\( -uid UID -o -perm -0002 \\)",
        decide=_programs,
    ),
)
