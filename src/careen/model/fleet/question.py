"""A question to the fleet, and its answer."""

from dataclasses import dataclass, field
from typing import NamedTuple

from careen.model.fleet.grade import Grade


@dataclass(frozen=True, slots=True)
class Filters:
    """What images an answer is limited to.

    `grade` is the weakest use, None for any. `base` is a digest or name of a base image. `state` is
    `verified`, `failed` or `unverified`. `running` are images that run in a cluster. `max_age` is
    in days: an older inventory proves no absence. `signer` is who must have signed SBOM (or
    index), RBOM and verdict of an image, "" for anybody and nobody.
    """

    grade: Grade | None = None
    listening: bool = False
    base: str = ""
    state: str = ""
    running: bool = False
    max_age: int | None = None
    signer: str = ""


class Hit(NamedTuple):
    """One thing in one image that the question is about. An answer can have one for each image.

    `image` is a digest, or `name:…` where the documents state none. `what` is a purl, or `sha256:…`
    of a file; `path` is where it is in the image, "" if unknown. `ports` are those on which a
    program that ran it listens; None if that is not known. `why` says why the grade is not known,
    or may be stronger. `inventory` and `profile` are the times of SBOM and RBOM, `state` is as in
    `Filters`. `running` counts the containers of the image that run in clusters, None if the store
    has no list of any. `vex` is what VEX says of the vulnerability there ("not_affected: …"), ""
    for nothing. `signer` are those who each signed its SBOM (or index), RBOM and verdict, "" if
    nobody did.
    """

    image: str
    name: str
    what: str
    version: str
    path: str
    grade: Grade
    workload: str = ""
    program: str = ""
    ports: tuple[int, ...] | None = ()
    why: str = ""
    inventory: str = ""
    profile: str = ""
    state: str = ""
    running: int | None = None
    vex: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Images of which the answer is not known, and why; `examples` are some of their names."""

    why: str
    images: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    `images` is the size of the fleet, `affected` the number of images in `hits`. `not_known` never
    overlaps with them. `notes` are sentences for the user. `unknown_images` are the digests of all
    images in `not_known`; what runs without a digest is there by its name. It is not printed.
    """

    question: str
    images: int
    affected: int
    hits: tuple[Hit, ...]
    not_known: tuple[Unknown, ...]
    notes: tuple[str, ...] = ()
    unknown_images: frozenset[str] = field(default=frozenset(), metadata={"printed": False})
