"""Search for a jar's version that was made for a new major version of its dependency."""

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.lines import is_major, is_pre_release
from careen.formats.versions.maven import MAVEN
from careen.model.packages.package import Ecosystem
from careen.patch.jars.maven import Coordinates, Repository
from careen.patch.jars.pom import BadPomError, needs


def follower(
    repository: Repository, user: Coordinates, name: str, version: str, *, allow_major: bool
) -> str:
    """Return the lowest version of `user` made for `version` of its dependency, or "".

    It is "" too if `user` need not change or states no need. Later versions are taken to need no
    older ones: of n versions on offer, about log2(n) poms are read.
    """
    if not _is_older(_needed(repository, user, name), version):
        return ""
    offered = [
        each
        for each in repository.versions(user.group, user.artifact)
        if _follows(user.version, each, allow_major=allow_major)
    ]
    offered.sort(key=MAVEN.key)
    low, high = 0, len(offered)
    while low < high:
        middle = (low + high) // 2
        stated = _needed(repository, Coordinates(user.group, user.artifact, offered[middle]), name)
        if _is_older(stated, version):
            low = middle + 1
        else:
            high = middle
    if low == len(offered):
        return ""
    stated = _needed(repository, Coordinates(user.group, user.artifact, offered[low]), name)
    return offered[low] if stated and not is_major(Ecosystem.MAVEN, version, stated) else ""


def _needed(repository: Repository, user: Coordinates, name: str) -> str:
    """Return the version of `name` that a jar's pom requires, or "" if it requires none."""
    try:
        stated = needs(user, repository.pom)
    except BadPomError:
        return ""
    return next((need.version for need in stated or () if need.name == name), "")


def _is_older(needed: str, version: str) -> bool:
    """Return whether a required version is of an older major version than `version`."""
    try:
        return (
            bool(needed)
            and is_major(Ecosystem.MAVEN, needed, version)
            and MAVEN.compare(needed, version) < 0
        )
    except UnreadableVersionError:
        return False


def _follows(installed: str, version: str, *, allow_major: bool) -> bool:
    try:
        newer = MAVEN.compare(version, installed) > 0
    except UnreadableVersionError:
        return False
    return (
        newer
        and not is_pre_release(Ecosystem.MAVEN, version)
        and (allow_major or not is_major(Ecosystem.MAVEN, installed, version))
    )
