"""Subjects and policies for tests: a small root of an image, an RBOM of it, and docker's defaults."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.policies.policy import Policy, RunAs
from careen.model.rbom import FileUse, RuntimeBom, UsedFile
from careen.model.runs.trace import Endpoint, Phase, Use
from careen.pipeline.policy import docker_defaults
from careen.policy.make import make_policy
from careen.policy.subject import Subject
from tests.support.boms import BOM, IMAGE, START
from tests.support.trees import Exec, tree

PROGRAM = "/usr/bin/service"
FILES: Mapping[str, Any] = {
    PROGRAM: Exec(b"program"),
    "/usr/lib/libservice.so": b"library",
    "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    "/etc/group": "root:x:0:\n",
    "/tmp": None,
    "/var/lib/service": None,
    "/srv/data/model.bin": b"model",
    "/srv/data/list.txt": "list",
}
CALLS = {
    Phase.START: ("bind", "brk", "clone", "execve", "listen", "mmap", "openat", "socket"),
    Phase.SERVING: ("accept4", "epoll_wait", "read", "unlink", "write"),
}
LISTENS = Endpoint("bind", "inet", "0.0.0.0", 8000, START, PROGRAM)


def used(path: str, *uses: Use, kind: str = "file", origin: str = "web") -> UsedFile:
    """Return a path that the program used in these ways."""
    made = tuple(FileUse(use, START, PROGRAM, origin) for use in uses)
    return UsedFile(ImagePath(path), kind, "a" * 64, 7, IMAGE.diff_ids[0], (), made)


BASE = (
    used(PROGRAM, Use.EXECUTED),
    used("/usr/lib/libservice.so", Use.MAPPED),
    used("/tmp", Use.WRITTEN, kind="directory"),
)


def bom_of(
    files: Iterable[UsedFile] = (),
    endpoints: Iterable[Endpoint] = (LISTENS,),
    **changes: Any,
) -> RuntimeBom:
    """Return an RBOM of the image with these files besides the usual ones."""
    whole = {
        "files": (*BASE, *files),
        "endpoints": tuple(endpoints),
        "syscalls": CALLS,
        "missed": (),
        "packages": {},
    }
    return replace(BOM, **{**whole, **changes})


def subject_of(
    bom: RuntimeBom | None = None,
    user: tuple[int, int] = (1000, 1000),
    files: Mapping[str, Any] = FILES,
    **changes: Any,
) -> Subject:
    """Return the image with an RBOM, run as a user."""
    seen = bom if bom is not None else bom_of()
    made = Subject(
        name="service",
        bom=seen,
        rootfs=tree(files),
        inventory=Inventory({}, {}),
        config=ImageConfig({"architecture": "amd64", "os": "linux", "config": {}}),
        user=RunAs(*user, "/", "USER of the image"),
        defaults=docker_defaults("amd64", seen),
    )
    return replace(made, **changes)


def policy_of(subject: Subject | None = None, *, audit: bool = False) -> Policy:
    """Return the policy of a subject."""
    return make_policy(subject or subject_of(), IMAGE, audit=audit)
