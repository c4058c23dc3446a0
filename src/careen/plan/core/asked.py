"""Files that only the import sweep asked for, and programs that it ran to query the machine."""

import re
from collections.abc import Callable, Collection

from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath, name, parent, source_of
from careen.model.rbom import IMPORT_SWEEP, RuntimeBom, UsedFile
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs

_ASKED = frozenset({Use.LOOKED_UP, Use.TRAVERSED})
_ANSWERING = frozenset({"file"})
"""Programs that Python's standard library starts to query the machine (platform.architecture).

The library also works without them. A profile does not show which module caused the start.
"""
_LIBRARY = re.compile(r"\.so(?:\.|\Z)")
_SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


def only_asked_for(
    rootfs: Rootfs, inventory: Inventory, bom: RuntimeBom, command_path: Collection[ImagePath]
) -> frozenset[ImagePath]:
    """Return the system's programs and libraries that only the import sweep asked for.

    Includes links that only lead to them, programs that the sweep ran to query the machine, and
    files that only those used. A program is an executable in a directory of PATH, or one from a
    system package. Not included: any other file that was asked for, files that were opened, mapped
    or executed, and the source of used byte code.
    """
    read = {
        source_of(file.path) for file in bom.files if not _is_asked_for(file)
    }  # Python looks up a source, and opens its byte code
    asked = {file.path for file in bom.files if _is_asked_for(file)} - read
    answering = _answering(
        bom,
        lambda path: any(_is_of_system(inventory, purl) for purl in inventory.owners.get(path, ())),
    )
    # Modules look for programs when they are imported (`shutil.which`). The sweep imports hundreds
    # of modules that the workload does not use, and each program may need whole packages.
    leads_to: dict[ImagePath, ImagePath] = {}
    programs: set[ImagePath] = set()
    for path in sorted(asked):
        final = rootfs.walk(path).final
        if final is None or not final.is_file or final.path not in asked | answering:
            continue
        leads_to[path] = final.path
        # A library that a build helper looks for (numpy.distutils) and does not open is not needed.
        # Other files may be marks, sources of modules, or what is opened next.
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
    """Return the machine-query programs that only the sweep ran, and the files only they used."""
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
