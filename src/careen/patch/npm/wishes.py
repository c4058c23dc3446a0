"""The user's limits for packages of a Node project: which stay, and which versions may be."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.packages.package import Package
from careen.model.patching import BlockReason
from careen.patch.guard import objection_to, why_it_stays
from careen.patch.npm.tree import MODULES
from careen.patch.port import Ground


@dataclass(frozen=True, slots=True)
class UserLimits:
    """The user's limits; `places` are the installed packages by purl, `purls` the same by place."""

    ground: Ground
    places: Mapping[str, str]
    purls: Mapping[str, str]

    def stays(self, place: str) -> str:
        """Return why the package in a place must stay as it is, "" if it need not."""
        package = self._package(place)
        return (
            why_it_stays(package, self.ground.choices, self.ground.policy)
            if package is not None
            else ""
        )

    def objection(self, place: str, version: str, key: str) -> tuple[BlockReason, str] | None:
        """Return the objection to a version in a place, None if it may be there.

        `key` is the purl of the upgrade that needs it.
        """
        package = self._package(place)
        if package is None:
            return None
        owner = self.places.get(key, "")
        private = bool(owner) and place.startswith(f"{owner}/{MODULES}/")
        return objection_to(
            package, version, self.ground.choices, self.ground.policy, private=private
        )

    def _package(self, place: str) -> Package | None:
        return self.ground.inventory.packages.get(self.purls.get(place, ""))
