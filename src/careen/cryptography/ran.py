"""Whether the workload executed a module, as an RBOM shows it."""

from dataclasses import replace

from careen.errors import ImageError
from careen.model.cryptography.module import CryptoModule
from careen.model.entry import Entry
from careen.model.machines import MAGIC as ELF
from careen.model.packages.package import Inventory
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs

_RAN = (Use.EXECUTED, Use.MAPPED)
_READ = (*_RAN, Use.OPENED)


class Ran:
    """The files that the workload executed, mapped or read, by inode, whatever their links."""

    def __init__(self, rootfs: Rootfs, inventory: Inventory, bom: RuntimeBom) -> None:
        self._rootfs = rootfs
        self._inventory = inventory
        self._ran: set[int] = set()
        self._read: set[int] = set()
        for file in bom.without_exploration().files:
            uses = {use.use for use in file.uses}
            entry = rootfs.walk(file.path).final
            if entry is not None:
                self._ran.update([entry.inode] if uses.intersection(_RAN) else [])
                self._read.update([entry.inode] if uses.intersection(_READ) else [])

    def of(self, module: CryptoModule) -> CryptoModule:
        """Return a module with whether the workload executed or mapped its file.

        Code that another program reads (Python, Java, JavaScript) is not mapped: if the workload
        read a file of it, whether it ran is not known.
        """
        entry = self._rootfs.get(module.path)
        if entry is not None and entry.inode in self._ran:
            return replace(module, executed=True)
        if entry is not None and self._is_elf(entry):
            return replace(module, executed=False)
        return replace(module, executed=None if self._was_read(module, entry) else False)

    def _is_elf(self, entry: Entry) -> bool:
        if not entry.is_file:
            return False
        try:
            with self._rootfs.open(entry.path) as stream:
                return stream.read(len(ELF)) == ELF
        except ImageError:
            return False

    def _was_read(self, module: CryptoModule, entry: Entry | None) -> bool:
        if entry is not None and entry.inode in self._read:
            return True
        packages = (self._inventory.packages.get(owner) for owner in module.owners)
        files = (path for package in packages if package is not None for path in package.files)
        entries = (self._rootfs.get(path) for path in files)
        return any(each is not None and each.inode in self._read for each in entries)
