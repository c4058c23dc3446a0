"""Report what works on this machine, what is missing, and how to get it."""

import datetime as dt
import os
import platform
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from careen import __version__
from careen.advisories.age import stale
from careen.advisories.database.store import open_store
from careen.catalog.families import FAMILIES
from careen.catalog.port import Family
from careen.catalog.user_namespace import refusal
from careen.engines.compose.file import PACKAGES, compose_version
from careen.engines.embedded.runtime_version import (
    RuntimeReport,
    lowest_fixed_versions,
    runtime_reports,
)
from careen.engines.runnable import MOUNT, REGISTER, Runs, support
from careen.engines.select import engine_probes
from careen.errors import CareenError
from careen.model.findings.advisory import STALE_DAYS
from careen.model.image import Platform
from careen.model.machines import ARCHITECTURES
from careen.oci.select import host_platform
from careen.pipeline.assessing.scanners import scanner_rows
from careen.pipeline.run.known_images import LIMIT
from careen.pipeline.run.session import all_cleaners
from careen.registries.skopeo import skopeo_version
from careen.report.finished.pdf import CHROMIUM
from careen.report.terminal_output.figures import counted
from careen.report.views.doctor import DoctorRow, Health
from careen.sensor.select import available, may_attach
from careen.signing.call import COSIGN
from careen.tools.binfmt import Handler, handlers
from careen.tools.cache import Cache, default_cache
from careen.tools.workspace import reap, runs

ROOM = 10 * 1000**3
SUPPORTED = ("x86_64", "aarch64")
TESTED_SKOPEO = (1, 18)


def examine_machine(work_root: Path, database: Path) -> tuple[tuple[DoctorRow, ...], bool]:
    """Return one row per requirement of careen, and whether an image could be hardened here.

    One usable engine and one usable sensor are enough. Also cleans up after killed runs, as every
    run does at its start.
    """
    engines = engine_probes()
    sensors = available()
    no_ids = refusal()
    rows = [
        DoctorRow("careen", Health.GOOD, f"{__version__}, Python {sys.version.split()[0]}"),
        _machine(),
        *_alternatives(
            [
                (f"engine {probe.name}", probe.usable, probe.detail, probe.remedy)
                for probe in engines
            ]
        ),
        *runtime_rows(runtime_reports()),
        *_alternatives(
            [
                (
                    f"sensor {probe.kind.value}",
                    probe.usable,
                    "; ".join(probe.missing) or "usable",
                    "; ".join(probe.remedy),
                )
                for probe in sensors
            ]
        ),
        platforms_row(handlers(), host_platform()),
        space_row(work_root),
        cache_row(default_cache()),
        registries_row(skopeo_version()),
        compose_row(compose_version()),
        signing_row(COSIGN.path()),
        *(base_row(family, no_ids) for family in FAMILIES.values()),
        printing_row(CHROMIUM.path()),
        *scanner_rows(),
        _dead_runs(work_root),
        advisories_row(database, dt.datetime.now(dt.UTC)),
    ]
    runs, watches = (any(each.usable for each in probes) for probes in (engines, sensors))
    rows.append(verbs_row(os.geteuid(), runs=runs, watches=watches, attaches=may_attach()))
    return tuple(rows), runs and watches


def verbs_row(uid: int, *, runs: bool, watches: bool, attaches: bool) -> DoctorRow:
    """Return the row about what this user can do.

    `runs`: an engine can be used; `watches`: a sensor; `attaches`: processes of others can be
    looked at.
    """
    name, user = "verbs", f"this user (uid {uid})"
    if runs and watches and attaches:
        return DoctorRow(name, Health.GOOD, f"{user} can run all of them")
    can = ["scan", "plan", "strip", "rules", "why", "ignore", "policy", "comply", "report"]
    can += ["attest", "verify-evidence", "evidence", "history", "base", "diff", "fleet", "db"]
    can += ["init"]
    lacks = [word for word, there in (("engine", runs), ("sensor", watches)) if not there]
    cannot = []
    if runs:
        can.append("patch")
    else:
        cannot.append("patch (no engine)")
    if lacks:
        cannot.append(f"harden, profile, watch and ci (no {' and no '.join(lacks)})")
    else:
        can += ["harden", "profile", "watch", "ci"]
        cannot.append("profile --attach of another user's container (no CAP_SYS_PTRACE)")
    detail = f"{user} can run {', '.join(can)}; not {', not '.join(cannot)}"
    return DoctorRow(name, Health.LIMITED, detail, "docs/privileges.md says what each needs")


def compose_row(version: str) -> DoctorRow:
    """Return the row about compose files; `version` is that of docker's plug-in, "" without it."""
    if version:
        return DoctorRow("compose", Health.GOOD, f"docker's compose plug-in {version}")
    detail = "docker's compose plug-in is missing: `--compose` cannot work"
    return DoctorRow("compose", Health.LIMITED, detail, PACKAGES)


def signing_row(cosign: str | None) -> DoctorRow:
    """Return the row about attestations; `cosign` is the program's path."""
    if cosign is not None:
        return DoctorRow("attestations", Health.GOOD, f"signed and verified by {cosign}")
    detail = "cosign is missing: `careen attest` and `careen verify-evidence` cannot work"
    return DoctorRow("attestations", Health.LIMITED, detail, "apt-get install cosign")


def base_row(family: Family, no_ids: str) -> DoctorRow:
    """Return the row about base images of a family; a build needs its programs, and ids.

    `no_ids` says why this user is neither root nor has user ids of its own, "" for one that has.
    """
    name = f"bases of {family.title}"
    other = (
        f"`careen base build` cannot make them; it needs {family.programs[0].names[0]}, and root or"
        " user ids of one's own"
    )
    lacking = [each for each in family.programs if each.path() is None]
    if lacking:
        packages = " ".join(dict.fromkeys(each.package for each in lacking))
        detail = f"{', '.join(each.names[0] for each in lacking)} missing: {other}"
        remedy = family.remedy or f"apt-get install {packages}"
        return DoctorRow(name, Health.LIMITED, detail, remedy)
    if no_ids:
        remedy = "use sudo, or see docs/privileges.md, Bases without root"
        return DoctorRow(name, Health.LIMITED, f"{no_ids}: {other}", remedy)
    return DoctorRow(name, Health.GOOD, f"built by {family.programs[0].path()}")


def printing_row(chromium: str | None) -> DoctorRow:
    """Return the row about reports as PDF; `chromium` is the program's path."""
    if chromium is not None:
        return DoctorRow("reports as PDF", Health.GOOD, f"printed by {chromium}")
    detail = "Chromium is missing: `careen report -f pdf` cannot work; other formats can"
    return DoctorRow("reports as PDF", Health.LIMITED, detail, "apt-get install chromium")


def _alternatives(found: list[tuple[str, bool, str, str]]) -> list[DoctorRow]:
    # One usable alternative is enough; the others are then a limit, not a fault.
    absent = Health.LIMITED if any(usable for _, usable, _, _ in found) else Health.MISSING
    return [
        DoctorRow(name, Health.GOOD if usable else absent, detail, "" if usable else remedy)
        for name, usable, detail, remedy in found
    ]


def runtime_rows(reports: Sequence[RuntimeReport]) -> list[DoctorRow]:
    """Return a row for each container runtime."""
    return [_runtime(report) for report in reports]


def _runtime(report: RuntimeReport) -> DoctorRow:
    name = f"runtime {report.runtime}" + (f" of {report.of}" if report.of else "")
    version = report.version or "of unknown version"
    if not report.open:
        patched = f"; its package fixes {', '.join(report.patched)}" if report.patched else ""
        return DoctorRow(name, Health.GOOD, f"{version}: no known escape is open in it{patched}")
    cves = ", ".join(cve for fix in report.open for cve in fix.cves)
    detail = f"{version}: nothing here says that it fixes {cves}"
    remedy = (
        f"upstream fixes them in {lowest_fixed_versions(report.open)} and later; a distribution may"
        " have patched its own build without a new number: see its security tracker, and update"
    )
    return DoctorRow(name, Health.LIMITED, detail, remedy)


def _machine() -> DoctorRow:
    release, machine = platform.release(), platform.machine()
    known = machine in SUPPORTED
    remedy = "" if known else f"the eBPF sensor is built for {', '.join(SUPPORTED)} only"
    return DoctorRow(
        "kernel", Health.GOOD if known else Health.LIMITED, f"Linux {release}, {machine}", remedy
    )


def platforms_row(found: Sequence[Handler] | None, host: Platform) -> DoctorRow:
    """Return the row about the platforms that can be run; `found` are binfmt_misc's handlers."""
    name = "platforms"
    if found is None:
        detail = f"{host}; binfmt_misc is not mounted, so what else runs is unknown"
        return DoctorRow(name, Health.GOOD, detail, f"to see: {MOUNT}")
    others = {each: support(Platform("linux", each), found, host) for each in ARCHITECTURES}
    emulated = [
        f"linux/{each} by {how.handler.interpreter}"
        for each, how in others.items()
        if how.runs is Runs.EMULATED and how.handler is not None
    ]
    unusable = [
        f"linux/{each}: {how.why}"
        for each, how in others.items()
        if how.runs is Runs.NOT and how.handler is not None
    ]
    detail = "; ".join((str(host) if emulated else f"{host} only", *emulated, *unusable))
    remedy = "" if emulated else f"to run others: {REGISTER}"
    return DoctorRow(name, Health.LIMITED if unusable else Health.GOOD, detail, remedy)


def space_row(root: Path) -> DoctorRow:
    """Return the row about the work directory."""
    place, trouble = _existing(root)
    free = shutil.disk_usage(place).free
    health = Health.MISSING if trouble else Health.GOOD if free >= ROOM else Health.LIMITED
    detail = f"{root}: {free / 1000**3:.0f} GB free" + (f", {trouble}" if trouble else "")
    remedy = (
        "an image takes two to three times its size there; name another place with --work-dir or"
        " CAREEN_WORKDIR"
    )
    return DoctorRow("work directory", health, detail, "" if health is Health.GOOD else remedy)


def _existing(root: Path) -> tuple[Path, str]:
    """Return the directory that exists on the way to `root`, and why it cannot be used, or ""."""
    place, trouble = root, ""
    while True:
        try:
            seen = place.stat()
        except (FileNotFoundError, NotADirectoryError):
            place = place.parent
        except PermissionError:
            place, trouble = place.parent, "not readable by this user"
        else:
            break
    if not trouble and place == root and seen.st_uid != os.geteuid():
        trouble = "of another user"
    return place, trouble or ("" if os.access(place, os.W_OK | os.X_OK) else "not writable")


def cache_row(directory: Path | None) -> DoctorRow:
    """Return the row about the cache of image contents."""
    name = "cache"
    remedy = "name a directory of your own in CAREEN_CACHE: a second look at an image is then quick"
    if directory is None:
        return DoctorRow(name, Health.LIMITED, "this user has no home directory", remedy)
    if trouble := Cache(directory, LIMIT).trouble():
        detail = f"{directory}: {trouble}, so nothing is stored there"
        return DoctorRow(name, Health.LIMITED, detail, remedy)
    return DoctorRow(name, Health.GOOD, str(directory))


def registries_row(version: str) -> DoctorRow:
    """Return the row about the access to registries; `version` is skopeo's, "" without it."""
    name, remedy = (
        "registries",
        "install skopeo 1.18 or later (for example `apt-get install skopeo`)",
    )
    if not version:
        detail = "skopeo is not installed: images come from engines' stores and files only"
        return DoctorRow(name, Health.LIMITED, detail, remedy)
    parts = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if parts < TESTED_SKOPEO:
        return DoctorRow(name, Health.LIMITED, f"skopeo {version}: not tested with careen", remedy)
    return DoctorRow(name, Health.GOOD, f"skopeo {version}")


def advisories_row(database: Path, now: dt.datetime) -> DoctorRow:
    """Return the row about the advisory database; `now` is in UTC."""
    name = "advisories"
    try:
        database.stat()
        with open_store(database) as store:
            feeds = store.feeds()
    except (FileNotFoundError, NotADirectoryError):
        remedy = (
            "`careen db update` fetches them; `careen db import DIR` takes feeds or an export that"
            " you have"
        )
        return DoctorRow(
            name, Health.LIMITED, f"none: there is no {database}, so nothing can be scanned", remedy
        )
    except OSError as error:
        remedy = "name a database that this user may read in CAREEN_DB"
        return DoctorRow(name, Health.LIMITED, f"{database}: {error.strerror}", remedy)
    except CareenError as error:
        return DoctorRow(
            name,
            Health.LIMITED,
            str(error),
            "remove it, then `careen db update` or `careen db import DIR`",
        )
    if not feeds:
        return DoctorRow(
            name,
            Health.LIMITED,
            f"{database}: no feed is in it",
            "`careen db update` or `careen db import DIR`",
        )
    oldest = max(stale(feeds, now, days=-1), key=lambda age: age.days)
    detail = (
        f"{database}: {counted(len(feeds), 'feed')}, the oldest {oldest.feed.name},"
        f" {counted(oldest.days, 'day')} old"
    )
    if oldest.days <= STALE_DAYS:
        return DoctorRow(name, Health.GOOD, detail)
    return DoctorRow(
        name,
        Health.LIMITED,
        f"{detail}: OLD",
        "`careen db update`, or `careen db import DIR` with newer feeds; `careen db status` shows"
        " each",
    )


def _dead_runs(root: Path) -> DoctorRow:
    name = "killed runs"
    before = set(runs(root))
    trouble = reap(root, all_cleaners())
    if trouble:
        return DoctorRow(
            name,
            Health.LIMITED,
            "; ".join(trouble),
            "see that the engine answers, then run `careen doctor` again",
        )
    gone = len(before.difference(runs(root)))
    return DoctorRow(
        name, Health.GOOD, f"cleaned up after {gone}" if gone else "nothing was left behind"
    )
