"""Which data stream of SCAP content, and which of its profiles, are for a release."""

from collections.abc import Sequence

from careen.model.packages.distribution import Distribution

_NAMES = {
    "debian": "debian",
    "ubuntu": "ubuntu",
    "rhel": "rhel",
    "rocky": "rhel",
    "almalinux": "almalinux",
    "centos": "cs",
    "ol": "ol",
    "fedora": "fedora",
    "amzn": "al",
    "sles": "sle",
    "opensuse-leap": "opensuse",
    "openEuler": "openeuler",
}
_MAJOR = frozenset(
    {"debian", "rhel", "rocky", "almalinux", "centos", "ol", "sles", "opensuse-leap"}
)
# The widest first: what a rule of it finds is compared with careen's checks one by one.
_PROFILES = ("cis_level2_server", "cis", "stig", "cis_level1_server", "anssi_bp28_high", "standard")


def stream_of(system: Distribution | None) -> str | None:
    """Return the name of a release's data stream, `ssg-debian12-ds.xml`, None if it has none."""
    if system is None or system.id not in _NAMES or not system.version_id:
        return None
    version = system.version_id.partition(".")[0] if system.id in _MAJOR else system.version_id
    kept = "".join(char for char in version if char.isascii() and char.isalnum())
    if system.id == "fedora":
        kept = ""
    return f"ssg-{_NAMES[system.id]}{kept}-ds.xml"


def profile_of(available: Sequence[str]) -> str | None:
    """Return the profile to evaluate, by its short name; None if there is none."""
    short = {each.rpartition("_profile_")[2]: each for each in available}
    return next((short[name] for name in _PROFILES if name in short), None)
