"""Programs for which the image's builder wrote a configuration.

Its path is `/etc/NAME.d/…`, `/etc/NAME/…`, `/etc/NAMErc` or `/etc/NAME.conf`.
"""

import re

from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles
from careen.plan.core.mechanism import Mechanism, Work

_CONFIGURED = re.compile(
    r"/etc/([\w+-][\w.+-]*?)(?:\.d/.|/.|rc\Z|\.(?:conf|cfg|cnf|ini|rc|toml|ya?ml)\Z)"
)


class ConfiguredPrograms(Mechanism):
    """Keeps the command on PATH that an unowned file below /etc is named for.

    The file must be of a later layer than the command. Packages generate configuration in the layer
    of their programs, so a file of a later layer was written for this image.
    """

    id = "configured-programs"
    why = (
        "a program with a configuration of its own is meant to run: by a schedule, an operator,"
        " or a hook that no profile waits for"
    )
    codes = ("configured-program",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)

    def settle(self) -> None:
        for entry in self._unread.take():
            match = _CONFIGURED.match(entry.path)
            if (
                match is None
                or match.group(1) in self._work.scene.skipped_commands
                or (found := self._work.scene.harmless_command(match.group(1))) is None
            ):
                continue
            text, final = found
            if final.layer >= entry.layer:
                continue
            self._work.keeping.reach(
                text,
                Reason(
                    "configured-program",
                    f"{match.group(1)!r}, for which {entry.path} was written",
                    entry.path,
                ),
            )
