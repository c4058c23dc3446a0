"""`careen base diff`: sizes, layers, packages, accounts and configuration of two bases."""

from collections.abc import Iterator
from itertools import takewhile

from careen.catalog.contract.accounts import names
from careen.model.catalog.base_diff import BaseDiff
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, examine, open_source
from careen.verify.compare_images import Side, compare_images


def diff_bases(before: str, after: str, session: Session) -> BaseDiff:
    """Return what differs. Raises as `open_source`."""
    with (
        session.stage("inspect"),
        open_source(before, session) as one,
        open_source(after, session) as two,
    ):
        sides = [examine(image, session) for image in (one, two)]
        session.say("comparing")
        found = compare_images(_side(sides[0]), _side(sides[1]))
        pairs = zip(one.layers, two.layers, strict=False)
        shared = [a for a, _ in takewhile(lambda pair: pair[0].diff_id == pair[1].diff_id, pairs)]
        return BaseDiff(
            before=before,
            after=after,
            bytes_before=found.bytes_before,
            bytes_after=found.bytes_after,
            files_before=found.files_before,
            files_after=found.files_after,
            layers_before=len(one.layers),
            layers_after=len(two.layers),
            shared_layers=len(shared),
            shared_bytes=sum(each.size for each in shared),
            packages=found.packages,
            users=tuple(_changes(sides, "/etc/passwd")),
            groups=tuple(_changes(sides, "/etc/group")),
            config=found.config,
        )


def _side(examined: Examined) -> Side:
    return Side(examined.rootfs, examined.inventory, examined.image.config)


def _changes(sides: list[Examined], path: str) -> Iterator[str]:
    """Yield the accounts that only one image has, with their numbers."""
    one, two = (names(each.rootfs, path) for each in sides)
    for name in sorted(one.keys() | two.keys()):
        if one.get(name) != two.get(name):
            if name in one:
                yield f"- {name} ({one[name]})"
            if name in two:
                yield f"+ {name} ({two[name]})"
