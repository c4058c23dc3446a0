"""Upgrades of the wheels that `ensurepip` bundles for new virtual environments.

A wheel's name and its version in `ensurepip/__init__.py` change together, so that
`python -m venv` still works. Stripping removes ensurepip where nothing uses it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion

from careen.errors import ImageError, ToolError
from careen.formats.python_metadata import ARCHIVES
from careen.model.packages.package import Ecosystem, Package
from careen.model.patching import Aim, Blocked, BlockReason, Upgrade
from careen.model.paths import ImagePath, join, name, parent
from careen.patch.aims import aim_at
from careen.patch.guard import why_it_stays
from careen.patch.port import Applied, Ground, Placed, Proposal
from careen.patch.python.carried import (
    VendoringCandidate,
    beyond_major,
    carried,
    carriers,
    staying,
)
from careen.patch.python.environments import Environment
from careen.patch.python.index import Index, Offer
from careen.patch.python.probe import Interpreter
from careen.patch.python.requirements import installed_of, version_of
from careen.patch.python.targets import Candidate, Field, Limits, by_version
from careen.patch.sandbox import Sandbox

MAX_WHEEL = 64 << 20
"""Maximum bytes of a replacement wheel; pip's has 2 million."""

_MAX_MODULE = 1 << 20
_DIRECTORY = re.compile(
    r"(?P<prefix>/.*?|)/lib(?:64)?/python(?P<version>3\.\d{1,3})/ensurepip/_bundled\Z"
)
_FILE = re.compile(r"(?P<name>[A-Za-z0-9_]+)-(?P<version>[^-]+)-(?P<tag>[^-]+-none-any)\.whl\Z")


class Owner(Protocol):
    """The environment that the wheels belong to, with its interpreter and index."""

    @property
    def environment(self) -> Environment:
        """The environment that the wheels belong to."""

    def means(self, sandbox: Sandbox) -> str | tuple[Interpreter, Index]:
        """Return its interpreter and index, or a text that says why it has none."""

    def limits(self, interpreter: Interpreter) -> Limits:
        """Return which wheels the interpreter accepts."""


def ensurepips(ground: Ground, owners: Sequence[Owner]) -> "Sequence[EnsurePip]":
    """Return a patcher for each directory of bundled wheels in a known environment.

    Wheels that a package of the distribution owns are left out.
    """
    wheels: dict[ImagePath, dict[ImagePath, list[Package]]] = {}
    for package in ground.inventory.packages.values():
        if (
            package.ecosystem is Ecosystem.PYPI
            and package.record.endswith(ARCHIVES)
            and not ground.inventory.owners.get(package.record)
        ):
            wheels.setdefault(parent(package.record), {}).setdefault(package.record, []).append(
                package
            )
    out: list[EnsurePip] = []
    for directory, found in sorted(wheels.items()):
        place = _DIRECTORY.match(directory)
        for owner in owners:
            here = owner.environment
            if (
                place
                and here.kind in ("system", "conda")
                and (here.prefix, here.version) == (place["prefix"], place["version"])
            ):
                out.append(EnsurePip(ground, owner, directory, found))
                break
    return tuple(out)


@dataclass(slots=True)
class EnsurePip:
    """Patcher of one directory of bundled wheels; a wheel and its copies are one group."""

    ground: Ground
    owner: Owner
    directory: ImagePath
    wheels: Mapping[ImagePath, Sequence[Package]]
    source: str | None = field(init=False)  # of the module, None if it cannot be read
    _offers: dict[str, Offer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.source = self._read()

    @property
    def name(self) -> str:
        """`ensurepip /usr/local/lib/python3.11`."""
        return f"ensurepip {parent(parent(self.directory))}"

    @property
    def purls(self) -> frozenset[str]:
        """Purls of the packages in the wheels."""
        return frozenset(package.purl for packages in self.wheels.values() for package in packages)

    def claims(self, aim: Aim) -> bool:
        """Return whether the package lies in one of the wheels."""
        return aim.purl in self.purls

    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:
        """Choose newer wheels for those with findings; raise ToolError if the index fails."""
        means = self.owner.means(sandbox)
        if isinstance(means, str):
            return Proposal(blocked=tuple(aim.blocked(BlockReason.NO_MEANS, means) for aim in aims))
        interpreter, index = means
        upgrades: list[Upgrade] = []
        blocked: list[Blocked] = []
        try:
            for path, packages in sorted(self.wheels.items()):
                purls = {package.purl for package in packages}
                theirs = [aim for aim in aims if aim.purl in purls]
                if theirs:
                    proposal = self._wheel(
                        path, packages, theirs, self.owner.limits(interpreter), index
                    )
                    upgrades += proposal.upgrades
                    blocked += proposal.blocked
        finally:
            index.close()
        return Proposal(tuple(upgrades), tuple(blocked))

    def _wheel(
        self,
        path: ImagePath,
        packages: Sequence[Package],
        aims: Sequence[Aim],
        limits: Limits,
        index: Index,
    ) -> Proposal:
        file = _FILE.match(name(path))
        main = next(
            (
                each
                for each in packages
                if file is not None and each.name == file["name"].lower().replace("_", "-")
            ),
            None,
        )
        if file is None or main is None or self._text(main.name, file["version"]) is None:
            words = (
                f"inside {path}, whose version ensurepip does not state in the form that is known"
            )
            return Proposal(blocked=tuple(aim.blocked(BlockReason.FOREIGN, words) for aim in aims))
        if stays := why_it_stays(main, self.ground.choices, self.ground.policy):
            words = f"inside {path}, and {main.name} {main.version} {stays}"
            return Proposal(blocked=tuple(aim.blocked(BlockReason.EXCLUDED, words) for aim in aims))
        aim = next(
            (each for each in aims if each.purl == main.purl),
            aim_at(main, self.ground.policy.on(main), {}),
        )
        inner = [each for each in aims if each is not aim]
        offered = by_version(index.offers(main.name))

        def fits(candidate: Candidate) -> bool:
            return _fits(candidate, file["tag"])

        owner = Field(aim, offered, limits, {})
        found = carriers(owner, inner, index, fits)
        beyond = beyond_major(owner, inner, index, fits)
        if not found:
            why = f"inside {path}", f"no wheel of {main.name} that may take its place fixes it"
            shown = f"{main.name} {main.version}"
            return Proposal(
                blocked=tuple(
                    blocked
                    for each in aims
                    for blocked in staying(each, tuple(each.fixes), why, shown, beyond)
                )
            )
        return self._chosen(path, aim, found[0], beyond, index)

    def _chosen(
        self,
        path: ImagePath,
        aim: Aim,
        best: VendoringCandidate,
        beyond: VendoringCandidate | None,
        index: Index,
    ) -> Proposal:
        offer = replace(best.candidate.offer, sha256=index.digest(best.candidate.offer))
        self._offers[aim.purl] = offer
        after = installed_of(aim.name, str(offer.version), index.metadata(offer))
        group = f"{self.name}: {aim.name}"
        closes = best.candidate.closes
        head = Upgrade(
            aim.purl,
            aim.name,
            aim.ecosystem,
            aim.version,
            str(offer.version),
            self.name,
            group,
            closes,
            (),
            offer.origin,
            offer.sha256,
        )
        copies = [
            carried(each, aim.purl, self.name, group, after) for each in best.copies if each.closes
        ]
        closing = [(aim, closes), *((each.aim, each.closes) for each in best.copies)]
        left = [
            (each, tuple(finding for finding in each.fixes if finding not in done))
            for each, done in closing
        ]
        words = f"inside {path}", f"{offer.filename}, which takes its place, does not fix it"
        return Proposal(
            (head, *copies),
            tuple(
                blocked
                for each, findings in left
                for blocked in staying(each, findings, words, f"{aim.name} {aim.version}", beyond)
            ),
        )

    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:
        """Return the new wheels and the module that names them.

        Raises ToolError if the index offers a wheel no more or its digest differs (with both).
        """
        means = self.owner.means(sandbox)
        if isinstance(means, str):
            msg = f"{self.name}: {means}"
            raise ToolError(msg)
        placed: list[Placed] = []
        removed: list[ImagePath] = []
        text = ""
        try:
            for upgrade in (each for each in upgrades if not each.inside):
                path = self.ground.inventory.packages[upgrade.purl].record
                content, filename = self._fetched(upgrade, means[1])
                file = replace(
                    self.ground.rootfs[path], path=join(self.directory, filename), size=len(content)
                )
                placed.append(Placed(file, content))
                removed.append(path)
                new = self._text(upgrade.name, upgrade.installed, upgrade.target, text)
                if new is None:
                    msg = f"{self.name}: ensurepip names no {upgrade.name} {upgrade.installed}"
                    raise ToolError(msg)
                text = new
        finally:
            means[1].close()
        module = self._module
        data = text.encode()
        placed.append(Placed(replace(self.ground.rootfs[module], size=len(data)), data))
        cached = self.ground.rootfs.children(join(parent(module), "__pycache__"))
        removed += [
            each for each in cached if name(each).startswith("__init__.")
        ]  # byte code of the old module
        return Applied(tuple(placed), tuple(removed))

    def _fetched(self, upgrade: Upgrade, index: Index) -> tuple[bytes, str]:
        offer = self._offers.get(upgrade.purl)
        if (
            offer is None
            or offer.version != version_of(upgrade.target)
            or offer.sha256 != upgrade.sha256
        ):
            offers = (
                each
                for each in index.offers(upgrade.name)
                if each.version == version_of(upgrade.target)
            )
            offer = next((each for each in offers if each.sha256 == upgrade.sha256), None)
        if offer is None:
            msg = (
                f"{self.name}: {index.origin} offers no wheel of {upgrade.name} {upgrade.target}"
                " any more; plan again"
            )
            raise ToolError(msg)
        wheel = index.fetch(offer, upgrade.sha256)
        if wheel.stat().st_size > MAX_WHEEL:
            msg = f"{self.name}: {offer.filename} has more than {MAX_WHEEL} bytes"
            raise ToolError(msg)
        return wheel.read_bytes(), offer.filename

    @property
    def _module(self) -> ImagePath:
        return join(parent(self.directory), "__init__.py")

    def _read(self) -> str | None:
        entry = self.ground.rootfs.get(self._module)
        if entry is None or not entry.is_file or entry.size > _MAX_MODULE:
            return None
        try:
            return self.ground.rootfs.read(self._module, _MAX_MODULE).decode("utf-8")
        except (ImageError, UnicodeDecodeError):
            return None

    def _text(self, project: str, old: str, new: str = "", text: str = "") -> str | None:
        """Return the module with a project's version changed.

        Returns None unless exactly one line states the project's version, and it is the old one.
        """
        text = text or self.source or ""
        lines = text.split("\n")
        stated = f"_{project.upper().replace('-', '_')}_VERSION = "
        wanted = [f'{stated}"{old}"', f"{stated}'{old}'"]
        at = [number for number, line in enumerate(lines) if line.startswith(stated)]
        if len(at) != 1 or lines[at[0]].rstrip("\r") not in wanted:
            return None
        lines[at[0]] = lines[at[0]].replace(old, new)
        return "\n".join(lines)


def _fits(candidate: Candidate, tag: str) -> bool:
    """Return whether a wheel has the file name that ensurepip builds from a version."""
    file = _FILE.match(candidate.offer.filename)
    try:
        named = parse_wheel_filename(candidate.offer.filename)[0]
    except (InvalidWheelFilename, InvalidVersion):
        return False
    return (
        file is not None
        and file["tag"] == tag
        and file["version"] == str(candidate.version)
        and file["name"] == named
    )
