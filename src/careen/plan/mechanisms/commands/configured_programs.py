"""Programs for which the image's builder wrote a configuration: `/etc/NAME.d/…`, `/etc/NAME/…`,
`/etc/NAMErc`, `/etc/NAME.conf`.
"""

import re

from careen.model.plan import Reason
from careen.plan.core.facts import OwnFile
from careen.plan.core.mechanism import Mechanism, Work

_CONFIGURED = re.compile(
    r"/etc/([\w+-][\w.+-]*?)(?:\.d/.|/.|rc\Z|\.(?:conf|cfg|cnf|ini|rc|toml|ya?ml)\Z)"
)


class ConfiguredPrograms(Mechanism):
    """Keeps the command on PATH that a file below /etc is named for, when no package brought that
    file and it came into the image by a later layer than the command: packages make configurations
    when they are installed, in the layer of their programs; one of a layer above was written for
    this image.
    """

    id = "configured-programs"
    why = (
        "who writes a configuration for a program means to run it: by a schedule, an operator, or a"
        " hook that no profile waits for"
    )
    codes = ("configured-program",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = work.facts.news(OwnFile)

    def settle(self) -> None:
        for entry in (fact.entry for fact in self._unread.take()):
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
