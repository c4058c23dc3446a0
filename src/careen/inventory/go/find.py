"""Go modules linked into a program, and the standard library of its toolchain."""

import re
from collections.abc import Iterator

from packageurl import PackageURL

from careen.formats.elf.file import ElfFile
from careen.formats.go_build import (
    BadBuildInfoError,
    GoBuild,
    GoModule,
    is_go,
    linker_variables,
    read_build,
)
from careen.inventory.port import Found
from careen.model.packages.package import Ecosystem, Package, Presence, Unknown

STANDARD_LIBRARY = "stdlib"  # the name in the Go vulnerability database
_RELEASE = re.compile(r"go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)(?![\w.])")
_STATED = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?\Z")
_VARIABLE = re.compile(
    r"(?:.*[./])?(?:version|appversion|buildversion|gitversion|serverversion|releaseversion)\Z",
    re.IGNORECASE,
)
_REPOSITORY = re.compile(
    r"((?:github\.com|bitbucket\.org|gitlab\.com)/[\w.-]+/[\w.-]+|golang\.org/x/[\w.-]+|k8s\.io/[\w.-]+)(?:/|\Z)"
)
_REVISION = re.compile(r"[0-9a-f]{12,64}\Z")
_UNSTATED = "(devel)"  # as Go writes it


def go_packages(elf: ElfFile) -> Found:
    """Return the modules of a Go program; nothing for any other file."""
    try:
        build = read_build(elf)
    except BadBuildInfoError as error:
        return Found(unknowns=(Unknown(elf.path, f"Go build info that cannot be read: {error}"),))
    if build is None:
        if not is_go(elf):
            return Found()
        return Found(
            unknowns=(
                Unknown(elf.path, "built by Go, without build info: its modules are not known"),
            )
        )
    packages = tuple(_packages(elf, build))
    unknowns = [
        Unknown(
            elf.path,
            f"the version of the Go module {item.name} is not known: it was built from a working"
            f" copy and says {_UNSTATED}",
        )
        for item in packages
        if item.version == _UNSTATED
    ]
    if not any(item.name == STANDARD_LIBRARY for item in packages):
        unknowns.append(
            Unknown(
                elf.path,
                "made by an unreleased Go, so the version of its standard library is not known:"
                f" {build.go[:80]!r}",
            )
        )
    # Go's own programs belong to its standard library.
    if build.main is None and not build.modules and not build.package.startswith("cmd/"):
        what = f" ({build.package[:100]})" if build.package else ""
        unknowns.append(
            Unknown(
                elf.path,
                f"a Go program built without modules{what}: what is linked into it is not known",
            )
        )
    return Found(packages, tuple(unknowns))


def _packages(elf: ElfFile, build: GoBuild) -> Iterator[Package]:
    release = _RELEASE.match(build.go)
    if release is not None:
        yield _package(
            elf,
            STANDARD_LIBRARY,
            release[1],
            f"made by {build.go.split(' ')[0]}, as Go build info says",
        )
    main = build.main or _repository(build.package)
    if main is not None and main.path:
        version, evidence = _main_version(build, main)
        yield _package(elf, main.path, version, evidence)
    for module in build.modules:
        # A module replaced by a directory is known only by its name in the source.
        if not module.path or module.path.startswith((".", "/")):
            if module.replaces:
                yield _package(
                    elf,
                    module.replaces,
                    module.version or _UNSTATED,
                    f"Go build info; replaced by the directory {module.path[:100]!r}",
                )
            continue
        evidence = (
            f"Go build info; in the place of {module.replaces}"
            if module.replaces
            else "Go build info"
        )
        yield _package(elf, module.path, module.version or _UNSTATED, evidence)


def _repository(package: str) -> GoModule | None:
    """Return the main module of a program built without modules, from its package path.

    Only for hosts whose repositories have a known place in the path (go help importpath).
    """
    match = _REPOSITORY.match(package)
    return GoModule(match[1], "") if match is not None else None


def _main_version(build: GoBuild, main: GoModule) -> tuple[str, str]:
    """Return the main module's version and its evidence.

    It is the stated version, else one that the build linked into a variable of the module, else
    Go's pseudo-version of the commit.
    """
    if main.version and main.version != _UNSTATED:
        return main.version, "Go build info: the main module"
    own = {
        value
        for variable, value in linker_variables(build.setting("-ldflags"))
        if _is_own(variable, main.path) and _STATED.match(value)
    }
    if len(own) == 1:
        value = own.pop()
        return (
            f"v{value.removeprefix('v')}",
            f"Go build info: the linker was told that its version is {value}",
        )
    revision, time = build.setting("vcs.revision"), re.sub(r"[-:TZ]", "", build.setting("vcs.time"))
    if _REVISION.match(revision) and re.fullmatch(r"\d{14}", time):
        dirty = "+dirty" if build.setting("vcs.modified") == "true" else ""
        return f"v0.0.0-{time}-{revision[:12]}{dirty}", f"Go build info: commit {revision[:12]}"
    return _UNSTATED, "Go build info, which does not state its version"


def _is_own(variable: str, main: str) -> bool:
    """Return whether a variable holds the version of the main module, not of a library."""
    # It must be in package main, or below the module's path.
    package = variable.rpartition(".")[0]
    return bool(_VARIABLE.match(variable)) and (
        package in ("main", main) or package.startswith(f"{main}/")
    )


def _package(elf: ElfFile, path: str, version: str, evidence: str) -> Package:
    namespace, _, name = path.rpartition("/")
    purl = PackageURL("golang", namespace or None, name, None if version == _UNSTATED else version)
    return Package(
        Ecosystem.GOLANG,
        path,
        version,
        purl.to_string(),
        elf.path,
        (elf.path,),
        presence=Presence.EMBEDDED,
        evidence=evidence,
    )
