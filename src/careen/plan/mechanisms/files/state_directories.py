"""Directories in which programs create files: those below /var, homes, and empty ones."""

from careen.model.entry import Entry
from careen.model.paths import parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work

_DROPPED = (
    "/usr/share/doc/",
    "/usr/share/man/",
    "/usr/share/locale/",
    "/usr/include/",
    "/usr/src/",
)


class StateDirectories(Mechanism):
    """Keeps directories without their content: those below /var, homes, and empty ones.

    Targets of links below /var and links that lead to homes are kept, too. Directories take no
    space, and a package database does not say which of them its programs write to.
    """

    id = "state-directories"
    why = (
        "a program creates its state, log or spool file when it first needs it, but not the"
        " directory for it"
    )
    codes = ("state-directory",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._waits = True

    def settle(self) -> None:
        if not self._waits:
            return
        self._waits = False
        rootfs = self._work.scene.rootfs
        self._keep_homes()
        filled = {parent(entry.path) for entry in rootfs}
        for entry in rootfs:
            if entry.is_symlink and entry.path.startswith("/var/"):
                self._keep_link(entry)
            if not entry.is_dir or entry.path.startswith(_DROPPED):
                continue
            if entry.path.startswith("/var/"):
                self._work.keeping.add(
                    entry.path,
                    Reason("state-directory", "a directory below /var, where programs write"),
                )
            elif entry.path not in filled:
                self._work.keeping.add(
                    entry.path, Reason("state-directory", "a directory that is empty in the image")
                )

    def _keep_link(self, entry: Entry) -> None:
        final = self._work.scene.rootfs.walk(entry.path).final
        if final is not None and final.is_dir:
            self._work.keeping.reach(
                entry.path,
                Reason("state-directory", "a link below /var to a directory, where programs write"),
            )

    def _keep_homes(self) -> None:
        """Keep every home that is a directory, and the links on the way to any."""
        reason = Reason(
            "state-directory",
            "the home directory of an account, which may be asked for by its name",
        )
        for home in dict.fromkeys(
            home for _, _, home in self._work.scene.accounts if home.startswith("/")
        ):
            final = self._work.scene.rootfs.walk(home).final
            # A home that is not in the image may be mounted or created.
            if final is None or final.is_dir:
                self._work.keeping.reach(home, reason)
