"""What the names of a repository lead to: in docker's store, or in a registry."""

from careen.catalog.tags import MOST_A_DAY, BaseTags
from careen.errors import InputError
from careen.oci.reference import in_registry
from careen.pipeline.run.session import Session
from careen.registries.failures import Failure, SkopeoFailure
from careen.registries.manifests import digest_of
from careen.registries.skopeo import Call, error_of


def served(name: str, session: Session, *, push: bool) -> str:
    """Return the id or digest that a name has now, "" for none. Raises ToolError."""
    if not push:
        found = session.store.client.inspect_image(name)
        return "" if found is None else str(found.get("Id"))
    image = in_registry(name)
    doing = f"looking at {image}"
    call = Call("inspect", ("--raw", str(image)), image, doing)
    answer = session.skopeo.attempt(call)
    if isinstance(answer, SkopeoFailure):
        if answer.kind in (Failure.ABSENT, Failure.DENIED):
            return ""
        raise error_of(answer, call)
    return str(digest_of(image, session.skopeo, doing))


def free_day_tag(tags: BaseTags, digest: str, session: Session, *, push: bool) -> str:
    """Return the first tag of the day that no other image has: such a tag is never moved.

    Raises InputError if there is none.
    """
    for number in range(1, MOST_A_DAY + 1):
        tag = tags.of_build(number)
        if served(f"{tags.repository}:{tag}", session, push=push) in ("", digest):
            return tag
    msg = f"{tags.repository}: {MOST_A_DAY} builds have tags of {tags.day}; go on tomorrow"
    raise InputError(msg)
