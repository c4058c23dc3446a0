"""The repositories of a registry, and the tags of a repository."""

import re
from collections.abc import Iterable, Iterator

from careen.errors import InputError, ToolError
from careen.oci.documents import as_list, as_object, as_text, read_json
from careen.oci.reference import RegistryImage
from careen.registries.asking import pages
from careen.registries.skopeo import Call, Skopeo

MOST_REPOSITORIES = 100_000
MOST_TAGS = 20_000
_AT_ONCE = 1000
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
_LONGEST = 255  # characters of a repository's name, as docker's registry has it
_ABOUT = re.compile(r"sha256-[0-9a-f]{64}(?:\.|\Z)")
"""A tag that holds documents about an image: the list of referrers, and what cosign keeps."""


def repositories_below(prefix: RegistryImage, skopeo: Skopeo) -> tuple[str, ...]:
    """Return the repositories (with their registry) whose name begins with a prefix, sorted.

    `prefix` ends with a slash. Raises InputError for a registry that lists none or has none there,
    ToolError or ImageError for any other answer.
    """
    host, _, below = prefix.name.partition("/")
    doing = f"asking {host} for its repositories"
    found: set[str] = set()
    asked = 0
    for page in pages(prefix, f"_catalog?n={_AT_ONCE}", doing, skopeo):
        asked += 1
        names = [as_text(each, doing) for each in as_list(page.get("repositories"), doing)]
        found.update(names)
        if len(found) > MOST_REPOSITORIES or len(found) < asked - 1:
            msg = f"{doing}: more than {MOST_REPOSITORIES:,}; name a repository"
            raise ToolError(msg)
    if not asked:
        msg = f"{doing}: it has no such list (the catalog API); name each repository"
        raise InputError(msg)
    wanted = sorted(f"{host}/{name}" for name in found if name.startswith(below) and _is_name(name))
    if not wanted:
        msg = f"{doing}: none of the {len(found):,} that it lists is below {prefix.name!r}"
        raise InputError(msg)
    return tuple(wanted)


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST and _REPOSITORY.match(name) is not None


def tags_of(repository: RegistryImage, skopeo: Skopeo) -> frozenset[str]:
    """Return the tags of a repository.

    Raises InputError (no such repository), ToolError or ImageError.
    """
    return frozenset(_tags(repository, skopeo))


def image_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags that are no documents about an image, sorted."""
    return sorted(tag for tag in tags if not _ABOUT.match(tag))


def _tags(repository: RegistryImage, skopeo: Skopeo) -> Iterator[str]:
    doing = f"asking the registry for the tags of {repository}"
    done = skopeo.call(Call("list-tags", (str(repository),), repository, doing))
    tags = as_list(as_object(read_json(done.stdout, doing), doing).get("Tags"), doing)
    if len(tags) > MOST_TAGS:
        msg = f"{doing}: it has more than {MOST_TAGS:,}; name the images by their tags"
        raise ToolError(msg)
    for tag in tags:
        if _TAG.match(as_text(tag, doing)):
            yield tag
