"""What mechanisms ask of a library's source, found in one pass."""

from dataclasses import dataclass
from typing import Any

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

    def dump(self) -> list[Any]:
        """Return it as JSON."""
        return [
            self.starts_programs,
            sorted(self.heads_of_lists),
            sorted(self.libraries),
            sorted(self.namespaces),
            sorted(path.decode("latin-1") for path in self.data_paths),
        ]

    @staticmethod
    def load(row: Any) -> "SourceScan":
        """Return what `dump` was called on. Raises as `Reader` says."""
        starts, heads, libraries, namespaces_, paths = row
        return SourceScan(
            bool(starts),
            frozenset(heads),
            frozenset(libraries),
            frozenset(namespaces_),
            frozenset(path.encode("latin-1") for path in paths),
        )


def scan(source: bytes) -> SourceScan:
    """Return what a source opens and names."""
    return SourceScan(
        starts_programs(source),
        heads_of_lists(source),
        opened_libraries(source),
        namespaces(source),
        frozenset(data_paths(source)),
    )
