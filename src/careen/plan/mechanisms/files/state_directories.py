"""Directories that wait for files: those of /var, homes, and those in which the image has
nothing.
"""

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
    """Keeps directories, not what is in them: all below /var and those that links there lead to,
    the home of every account with the links that lead there, and elsewhere every one that is empty
    in the image. They weigh nothing, and a package database does not say which of them its programs
    write to.
    """

    id = "state-directories"
    why = (
        "a program makes its state, log or spool file when something happens for the first time,"
        " and makes no directory for it"
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
        """Keep every home that is a directory, and the links on the way to any: where the image has
        no directory behind them, it may be mounted or made.
        """
        reason = Reason(
            "state-directory",
            "the home directory of an account, which may be asked for by its name",
        )
        for home in dict.fromkeys(
            home for _, _, home in self._work.scene.accounts if home.startswith("/")
        ):
            final = self._work.scene.rootfs.walk(home).final
            if final is None or final.is_dir:
                self._work.keeping.reach(home, reason)
