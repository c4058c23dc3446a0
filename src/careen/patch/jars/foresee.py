"""Which jars can be replaced, before an archive is read."""

from collections.abc import Sequence

from careen.model.patching import Aim, Blocked, BlockReason
from careen.patch.jars.maven import Repository
from careen.patch.jars.place import refused_unread
from careen.patch.port import Ground
from careen.patch.targets import choose


def foresee_jars(
    ground: Ground, aims: Sequence[Aim]
) -> tuple[tuple[Blocked, ...], tuple[Aim, ...]]:
    """Return what no jar on offer closes, and the aims of which the repository has one.

    Whether a jar that is on offer can be put in place is known only when its archive is read.
    Raises ToolError if the repository does not answer.
    """
    repository = Repository(ground.choices)
    blocked: list[Blocked] = []
    offered: list[Aim] = []
    for aim in aims:
        found = _offer(aim, ground, repository)
        blocked.extend(found)
        if {finding for each in found for finding in each.findings} != set(aim.fixes):
            offered.append(aim)
    return tuple(blocked), tuple(offered)


def _offer(aim: Aim, ground: Ground, repository: Repository) -> tuple[Blocked, ...]:
    """Return the findings of an aim that no version on offer closes."""
    package = ground.inventory.packages[aim.purl]
    if (refused := refused_unread(package, ground.inventory)) is not None:
        return (aim.blocked(refused.barrier, refused.detail),)
    if repository.no_means:
        return (aim.blocked(BlockReason.NO_MEANS, repository.no_means),)
    group, _, artifact = package.name.rpartition(":")
    versions = repository.versions(group, artifact)
    if not versions:
        return (aim.blocked(BlockReason.UNAVAILABLE, f"{repository.shown} has no {package.name}"),)
    choices = ground.choices
    return choose(aim, versions, choices.reach, allow_major=choices.allow_major).blocked(aim)
