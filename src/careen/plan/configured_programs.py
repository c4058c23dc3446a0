"""Programs for which the image's builder wrote a configuration: `/etc/NAME.d/…`, `/etc/NAME/…`, `/etc/NAMErc`, `/etc/NAME.conf`."""

import re

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.plan.application import Application
from careen.plan.mechanism import Work

_CONFIGURED = re.compile(r"/etc/([\w+-][\w.+-]*?)(?:\.d/.|/.|rc\Z|\.(?:conf|cfg|cnf|ini|rc|toml|ya?ml)\Z)")


class ConfiguredPrograms:
    """Keeps the command on PATH that a file below /etc is named for, when no package brought that file and it came into the image by a later layer than the
    command: packages make configurations when they are installed, in the layer of their programs; one of a layer above was written for this image.
    """

    id = "configured-programs"
    why = "who writes a configuration for a program means to run it: by a schedule, an operator, or a hook that no profile waits for"

    def __init__(self, work: Work, application: Application) -> None:
        self._work = work
        self._application = application
        self._read = 0
        self._skipped = {word for rule in work.scene.policy.rules.at(work.scene.level) for word in rule.skip_commands}

    def visit(self, entry: Entry) -> None:
        """Nothing: the application's files are looked at when they are all known."""

    def settle(self) -> None:
        own, self._read = self._application.files[self._read :], len(self._application.files)
        for entry in own:
            match = _CONFIGURED.match(entry.path)
            if match is None or match.group(1) in self._skipped or (found := self._work.scene.command(match.group(1))) is None:
                continue
            final = self._work.scene.rootfs.walk(ImagePath(found)).final
            if final is None or final.is_setid or final.layer >= entry.layer:
                continue
            self._work.keeping.reach(found, Reason("configured-program", f"{match.group(1)!r}, for which {entry.path} was written", entry.path))
