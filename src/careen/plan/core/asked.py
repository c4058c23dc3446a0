"""What the import sweep asked for, and asked, about the machine: to be asked for by a module that
the workload never imported is no need.
"""

import re
from collections.abc import Callable, Collection

from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath, name, parent, source_of
from careen.model.rbom import IMPORT_SWEEP, RuntimeBom, UsedFile
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs

_ASKED = frozenset({Use.LOOKED_UP, Use.TRAVERSED})
_ANSWERING = frozenset({"file"})
"""Programs that Python's standard library itself starts to learn about the machine, and does
without: platform.architecture. Which module had it do so is not to be seen.
"""
_LIBRARY = re.compile(r"\.so(?:\.|\Z)")
_SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


def only_asked_for(
    rootfs: Rootfs, inventory: Inventory, bom: RuntimeBom, command_path: Collection[ImagePath]
) -> frozenset[ImagePath]:
    """Return the programs and libraries of the system that nothing but a look-up by the import
    sweep speaks for, and the links that only lead to them; and programs that the sweep's modules
    had answer a question about the machine, with what these alone opened.

    A module asks for programs when it is imported (`shutil.which`), and then knows of a viewer, a
    converter or a compiler more: the sweep imports hundreds of modules that nobody wants, and whole
    packages hang on each program. Any other file that is asked for stays, as it may be a mark, a
    module's source, or what is opened next; so does what was opened, mapped or executed, the source
    of byte code that was (some modules are programs, too), and what an experiment asked for that
    works with the service itself. A program is an executable in a directory of PATH, or one that a
    package of the system brought. A library that a build helper looks for (numpy.distutils looks
    for libX11) and does not open is as little needed: who opens one names it.
    """
    read = {
        source_of(file.path) for file in bom.files if not _is_asked_for(file)
    }  # Python looks at a source, and opens its byte code
    asked = {file.path for file in bom.files if _is_asked_for(file)} - read
    answering = _answering(
        bom,
        lambda path: any(_is_of_system(inventory, purl) for purl in inventory.owners.get(path, ())),
    )
    leads_to: dict[ImagePath, ImagePath] = {}
    programs: set[ImagePath] = set()
    for path in sorted(asked):
        final = rootfs.walk(path).final
        if final is None or not final.is_file or final.path not in asked | answering:
            continue
        leads_to[path] = final.path
        of_system = any(
            _is_of_system(inventory, purl) for purl in inventory.owners.get(final.path, ())
        )
        if (final.is_executable and parent(path) in command_path) or (
            of_system and (final.is_executable or _LIBRARY.search(name(final.path)))
        ):
            programs.add(final.path)
    return answering.union(
        path for path, program in leads_to.items() if program in programs | answering
    )


def _answering(bom: RuntimeBom, of_system: Callable[[ImagePath], bool]) -> frozenset[ImagePath]:
    """Return the programs that only the sweep started and that answer questions about the machine,
    and the files that nothing but they used.
    """
    swept = [
        file
        for file in bom.files
        if file.uses and all(use.origin == IMPORT_SWEEP for use in file.uses)
    ]
    started = (file for file in swept if any(use.use is Use.EXECUTED for use in file.uses))
    programs = {
        file.path for file in started if name(file.path) in _ANSWERING and of_system(file.path)
    }
    return frozenset(
        file.path
        for file in swept
        if file.path in programs or all(use.executable in programs for use in file.uses)
    )


def _is_asked_for(file: UsedFile) -> bool:
    return bool(file.uses) and all(
        use.origin == IMPORT_SWEEP and use.use in _ASKED for use in file.uses
    )


def _is_of_system(inventory: Inventory, purl: str) -> bool:
    package = inventory.packages.get(purl)
    return package is not None and package.ecosystem in _SYSTEM
