"""The configuration of packages of which anything is kept."""

from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.plan.core.mechanism import Work


class Configuration:
    """Keeps what a package has below /etc and is no program, once for each package."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._done: set[str] = set()

    def keep(self, package: Package, because: ImagePath) -> None:
        """Keep the configuration of a package of which a file is kept."""
        # It weighs little, and names what it is for in no file of the package.
        if package.purl in self._done:
            return
        self._done.add(package.purl)
        reason = Reason(
            "package", f"configuration of {package.name}, of which a file is kept", because
        )
        for path in package.files:
            entry = self._work.scene.rootfs.get(path) if path.startswith("/etc/") else None
            if entry is not None and not entry.is_executable:
                self._work.add_broadly(path, reason)
