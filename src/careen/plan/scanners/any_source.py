"""What mechanisms ask of a library's source, found in one pass."""

from dataclasses import dataclass

from careen.plan.scanners.data_paths import data_paths
from careen.plan.scanners.imports import heads_of_lists, starts_programs
from careen.plan.scanners.opened_libraries import opened_libraries
from careen.plan.scanners.typelib_names import namespaces


@dataclass(frozen=True, slots=True)
class SourceScan:
    """What a source opens and names.

    `starts_programs`: whether it starts programs. `heads_of_lists`: the first words of its lists,
    which may be commands. `libraries`: the libraries that it opens. `namespaces`: those of GObject
    introspection. `data_paths`: its absolute paths of shared data.
    """

    starts_programs: bool
    heads_of_lists: frozenset[str]
    libraries: frozenset[str]
    namespaces: frozenset[str]
    data_paths: frozenset[bytes]


def scan(source: bytes) -> SourceScan:
    """Return what a source opens and names."""
    return SourceScan(
        starts_programs(source),
        heads_of_lists(source),
        opened_libraries(source),
        namespaces(source),
        frozenset(data_paths(source)),
    )
