"""Symlinks: their targets, and the other names that lead to a kept file."""

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.model.runs.trace import Use
from careen.plan.core.mechanism import Mechanism, Work


class Links(Mechanism):
    """Keeps the target of a kept symlink and, beyond `observed`, the links to a kept file.

    Such links are soname links, busybox applets and alternatives. A link that belongs only to
    another package is kept only if the file was used and the sensor does not report links.
    """

    id = "symlinks"
    why = "the profile shows the resolved file; programs name the link"
    codes = ("symlink", "symlink-target")
    at_observed = True

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._links_unseen = Use.TRAVERSED not in work.scene.bom.evidence
        self._inbound: dict[ImagePath, list[ImagePath]] = {}
        if work.scene.wide:
            for entry in work.scene.rootfs:
                if (
                    entry.is_symlink
                    and (final := work.scene.rootfs.walk(entry.path).final) is not None
                ):
                    self._inbound.setdefault(final.path, []).append(entry.path)

    def visit(self, entry: Entry) -> None:
        if entry.is_symlink:
            self._work.keeping.reach(
                entry.path, Reason("symlink-target", f"{name(entry.path)} points to it", entry.path)
            )
            return
        if not entry.is_file:
            return
        owners = set(self._work.scene.inventory.owners.get(entry.path, ()))
        for link in self._inbound.get(entry.path, ()):
            other = self._work.scene.inventory.owners.get(link, ())
            # A link of another package would be the only trace of that package.
            if (
                not other
                or not owners.isdisjoint(other)
                or (self._links_unseen and entry.path in self._work.scene.uses)
            ):
                self._work.keeping.reach(
                    link, Reason("symlink", f"another name of {entry.path}", entry.path)
                )
                self._work.keeping.add(
                    link, Reason("symlink", f"another name of {entry.path}", entry.path)
                )
