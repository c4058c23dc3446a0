"""Installing a package that the image does not have, with the image's own apt."""

from packageurl import PackageURL

from careen.errors import InputError
from careen.model.packages.package import Ecosystem
from careen.model.patching import Upgrade
from careen.patch.deb.apt.patcher import NAME, missing_apt_programs
from careen.patch.deb.apt.session import AptSession
from careen.patch.port import OFFLINE, Ground
from careen.patch.sandbox import Sandbox

_OTHERS = {Ecosystem.APK: ", but those of apk", Ecosystem.RPM: ", but those of rpm"}


def why_not(ground: Ground) -> str:
    """Return why the image's apt cannot install anything, "" if it can."""
    kinds = {each.ecosystem for each in ground.inventory.packages.values()}
    if Ecosystem.DEB not in kinds:
        other = next((kind for each, kind in _OTHERS.items() if each in kinds), "")
        return f"the image has no Debian packages{other}"
    lacking = missing_apt_programs(ground.rootfs)
    return f"the image's apt does not run: it lacks {lacking[0]}" if lacking else ""


def additions(ground: Ground, name: str, sandbox: Sandbox) -> tuple[Upgrade, ...]:
    """Return a new package and what it needs, as apt would install them.

    Raises InputError if no source offers it, or if it would change what is installed; ToolError if
    a source does not answer.
    """
    session = AptSession(sandbox, ground.choices, ground.rootfs, place=NAME)
    if not session.sources.uris:
        msg = f"{name}: the image names no signed package sources; name some with --source"
        raise InputError(msg)
    if not ground.choices.online and not session.sources.local:
        msg = f"{name}: {OFFLINE}"
        raise InputError(msg)
    session.update()
    found = session.simulate([name])
    if found.problem or not found.steps:
        said = found.problem or "apt would do nothing"
        msg = f"{name}: the image's package sources do not offer it ({said})"
        raise InputError(msg)
    changed = next((each.name for each in found.steps if each.installed), None)
    if changed or found.removed:
        other = changed or found.removed[0]
        msg = f"{name}: installing it would change {other}; upgrade the image first (--patch)"
        raise InputError(msg)
    return tuple(
        Upgrade(
            PackageURL(
                "deb", "debian", step.name, step.target, {"arch": step.architecture}
            ).to_string(),
            step.name,
            Ecosystem.DEB,
            "",
            step.target,
            NAME,
            name,
        )
        for step in found.steps
    )
