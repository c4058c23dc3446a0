"""Whether dnf, yum and zypper verify signatures, as their configuration says."""

from collections.abc import Iterator, Mapping

from careen.compliance.check import Check, Decision, none_of, not_applicable
from careen.compliance.checks.packages.texts import texts_of
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_MAIN = ("/etc/yum.conf", "/etc/dnf/dnf.conf", "/etc/zypp/zypp.conf")
_YUM, _ZYPP = ("/etc/yum.repos.d",), ("/etc/zypp/repos.d",)
_YES = frozenset({"1", "yes", "true", "on"})
_NO_REPOSITORY = frozenset({"", "main"})
_CHECKS = ("gpgcheck", "repo_gpgcheck", "pkg_gpgcheck")
_SHOWN = 100  # characters of a name or a value that are evidence

Sections = Mapping[str, Mapping[str, str]]


def _gpgcheck(subject: Subject) -> Decision:
    main, yum, zypp = (
        {path: _sections(text) for path, text in texts_of(subject, places)}
        for places in (_MAIN, _YUM, _ZYPP)
    )
    used = [name for each in (yum | zypp).values() for name in each if _is_used(each, name)]
    if not used:
        return not_applicable("the image has no enabled repositories of rpm packages")
    found = [
        *(each for path, sections in (main | yum | zypp).items() for each in _off(path, sections)),
        # zypper checks unless it is told not to; dnf and yum do not.
        *(each for path, sections in yum.items() for each in _unset(path, sections, main)),
    ]
    return none_of(
        found,
        "{} settings or repositories are without the check of signatures (gpgcheck)",
        f"no setting in {len(main | yum | zypp)} files turns the check of signatures off",
    )


def _sections(text: str) -> Sections:
    """Return the settings of a file by section, in lower case."""
    found: dict[str, dict[str, str]] = {}
    section = found.setdefault("", {})
    for line in text.splitlines():
        plain = line.strip().lower()
        if plain.startswith("["):
            section = found.setdefault(plain[1:].partition("]")[0].strip(), {})
        elif plain and plain[0] not in "#;":
            key, is_set, value = plain.partition("=")
            if is_set:
                section[key.strip()] = value.strip()
    return found


def _is_used(sections: Sections, name: str) -> bool:
    """Return whether a section is an enabled repository."""
    return name not in _NO_REPOSITORY and sections[name].get("enabled", "1") in _YES


def _off(path: str, sections: Sections) -> Iterator[Evidence]:
    for name, settings in sections.items():
        if name not in _NO_REPOSITORY and not _is_used(sections, name):
            continue
        for key in _CHECKS:
            value = settings.get(key)
            if value is not None and value not in _YES:
                yield Evidence(
                    path, f"[{shortened(name, _SHOWN)}] {key} = {shortened(value, _SHOWN)}"
                )


def _unset(path: str, sections: Sections, main: Mapping[str, Sections]) -> Iterator[Evidence]:
    """Yield the repositories for which neither they nor the main file turn the check on."""
    if any(each.get("main", {}).get("gpgcheck") in _YES for each in main.values()):
        return
    for name, settings in sections.items():
        if _is_used(sections, name) and "gpgcheck" not in settings:
            yield Evidence(path, f"[{shortened(name, _SHOWN)}] has no gpgcheck")


CHECKS = (
    Check(
        id="rpm-verifies-signatures",
        title="dnf, yum and zypper verify signatures of packages",
        reads="/etc/yum.repos.d, /etc/dnf/dnf.conf, /etc/zypp/repos.d",
        fix="Set gpgcheck=1 for each repository, or in the main section of dnf.conf.",
        command="grep -rniE '^ *\\[|gpgcheck' etc/yum.repos.d etc/yum.conf etc/dnf etc/zypp",
        decide=_gpgcheck,
    ),
)
