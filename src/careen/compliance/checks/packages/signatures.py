"""Whether package managers verify signatures, as their configuration and the history say."""

import re
from collections.abc import Iterator, Sequence

from careen.compliance.check import (
    Check,
    Decision,
    failed,
    none_of,
    not_applicable,
    passed,
)
from careen.compliance.checks.configuration.history import by_history, commands
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.errors import ImageError
from careen.model.compliance.result import Evidence

_SHOWN = 200  # characters of a line that are evidence
_LONGEST_LINE = 2000
_FILES, _BYTES = 1000, 16 << 20  # files of one kind and their bytes; Debian has 2 kB of sources
_APT = ("/etc/apt/apt.conf", "/etc/apt/apt.conf.d")
_LISTS = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")
_MAIN = ("/etc/yum.conf", "/etc/dnf/dnf.conf")
_REPOS = ("/etc/yum.repos.d", "/etc/zypp/repos.d")
_OFF = frozenset({"0", "no", "false", "off"})
_UNSAFE_APT = re.compile(
    r"(?:allowunauthenticated|allowinsecurerepositories|allowweakrepositories"
    r"|allowdowngradetoinsecurerepositories)[\"\s:]{1,9}\"?(?:true|yes|1|on)\b"
    r"|verify-(?:peer|host)[\"\s:]{1,9}\"?(?:false|no|0|off)\b"
)
_TRUSTED = re.compile(r"\b(?:trusted|allow-insecure|allow-weak)\s?[=:]\s?yes\b")
_FLAGS = re.compile(
    r"--allow-unauthenticated\b|--allow-untrusted\b|--no-?gpg-?checks?\b|--force-yes\b"
    r"|--trusted-host\b|--allow-insecure-repositories\b|trusted=yes\b"
)
_FETCH = re.compile(r"\b(?:curl|wget|ADD)\s")
_URL = re.compile(r"https?://|ftp://")
_VERIFY = re.compile(
    r"\b(?:sha\d{3}sum|shasum|gpg2?|gpgv|sqv?|cosign|minisign|signify|openssl dgst)\b|--checksum\b"
)


def _texts(subject: Subject, places: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the paths and contents of files, and of the files in folders.

    Raises ImageError for more than is read of such files.
    """
    files_left, left = _FILES, _BYTES
    for place in places:
        found = subject.rootfs.walk(place).final
        if found is None:
            continue
        files = [found] if found.is_file else list(subject.rootfs.below(found.path))
        for entry in files:
            text = subject.text(entry.path) if not entry.is_dir else None
            if text is not None:
                files_left, left = files_left - 1, left - len(text)
                if files_left < 0 or left < 0:
                    msg = f"{place}: more than {_FILES} files or {_BYTES} bytes"
                    raise ImageError(msg)
                yield str(entry.path), text


def _apt_lines(text: str) -> Iterator[str]:
    """Yield the lines of a configuration or list of apt without comments, in lower case."""
    for line in text.splitlines():
        plain = line.strip()
        if plain and not plain.startswith(("#", "//")):
            yield plain[:_LONGEST_LINE].lower()


def _apt_verifies(subject: Subject) -> Decision:
    if not subject.programs.get("apt-get") and subject.rootfs.find("/etc/apt") is None:
        return not_applicable("the image has no apt")
    found = [
        Evidence(path, shortened(line, _SHOWN))
        for path, text in _texts(subject, _APT)
        for line in _apt_lines(text)
        if _UNSAFE_APT.search(line)
    ]
    found += [
        Evidence(path, shortened(line, _SHOWN))
        for path, text in _texts(subject, _LISTS)
        for line in _apt_lines(text)
        if _TRUSTED.search(line)
    ]
    return none_of(
        found, "{} settings of apt turn signatures off", "no setting of apt turns signatures off"
    )


def _signed_by(subject: Subject) -> Decision:
    sources = [
        (path, stanza)
        for path, text in _texts(subject, _LISTS)
        for stanza in _sources(path, "\n".join(_apt_lines(text)))
    ]
    if not sources:
        return not_applicable("the image has no sources of apt")
    found = (
        Evidence(path, shortened(" ".join(stanza.split()), _SHOWN))
        for path, stanza in sources
        if "signed-by" not in stanza
    )
    return none_of(
        found,
        "{} sources of apt accept any trusted key (no Signed-By)",
        f"all {len(sources)} sources of apt name their key (Signed-By)",
    )


def _sources(path: str, text: str) -> Iterator[str]:
    if path.endswith(".sources"):
        yield from (stanza for stanza in _stanzas(text) if "uris:" in stanza)
    else:
        yield from (
            line for line in text.split("\n") if line.startswith(("deb ", "deb-src ", "deb\t"))
        )


def _stanzas(text: str) -> Iterator[str]:
    # Comments and empty lines are gone by now; each stanza of deb822 begins with its types.
    stanza: list[str] = []
    for line in text.split("\n"):
        if line.startswith("types:") and stanza:
            yield "\n".join(stanza)
            stanza = []
        stanza.append(line)
    if stanza:
        yield "\n".join(stanza)


def _gpgcheck(subject: Subject) -> Decision:
    mains = {key: value for path, text in _texts(subject, _MAIN) for key, value in _main(text)}
    repositories = [
        (path, name, {**mains, **settings})
        for path, text in _texts(subject, _REPOS)
        for name, settings in _sections(text)
        if name != "main"
    ]
    used = [each for each in repositories if each[2].get("enabled", "1") not in _OFF]
    if not used:
        return not_applicable("the image has no repository of rpm packages that is used")
    found = (
        Evidence(path, f"[{name}] gpgcheck={settings.get('gpgcheck', '(not set)')}"[:_SHOWN])
        for path, name, settings in used
        # dnf and yum check nothing unless they are told to, zypper everything.
        if settings.get("gpgcheck", "1" if "/zypp/" in path else "0") in _OFF
    )
    return none_of(
        found,
        "{} repositories are used without a check of signatures (gpgcheck)",
        f"all {len(used)} repositories that are used check signatures",
    )


def _sections(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the sections of an INI file, as dnf reads them: a later setting counts."""
    name, settings = "", dict[str, str]()
    for line in _apt_lines(text):
        if line.startswith("[") and line.endswith("]"):
            if name:
                yield name, settings
            name, settings = line[1:-1].strip(), {}
        elif "=" in line and not line.startswith(";"):
            key, _, value = line.partition("=")
            settings[key.strip()] = value.strip()
    if name:
        yield name, settings


def _main(text: str) -> Iterator[tuple[str, str]]:
    for name, settings in _sections(text):
        if name == "main" and "gpgcheck" in settings:
            yield "gpgcheck", settings["gpgcheck"]


def _apk_keys(subject: Subject) -> Decision:
    if subject.rootfs.find("/etc/apk") is None:
        return not_applicable("the image has no apk")
    folder = subject.rootfs.find("/etc/apk/keys")
    keys = () if folder is None else subject.rootfs.children(folder.path)
    repositories = list(_texts(subject, ("/etc/apk/repositories",)))
    if not repositories:
        return not_applicable("the image has no repositories of apk")
    if keys:
        return passed(f"{len(keys)} keys of apk are in /etc/apk/keys")
    return failed(
        "there is no key to verify the repositories of apk", [Evidence("/etc/apk/keys", "empty")]
    )


def _flags(subject: Subject) -> Decision:
    ran = commands(subject)
    return by_history(
        subject,
        (Evidence(place, shortened(text, _SHOWN)) for place, text in ran if _FLAGS.search(text)),
        "{} steps install without checking signatures or certificates",
        "none of {} steps turns signatures or certificates off",
    )


def _downloads(subject: Subject) -> Decision:
    found = (
        Evidence(place, shortened(text, _SHOWN))
        for place, text in commands(subject)
        if _FETCH.search(text) and _URL.search(text) and not _VERIFY.search(text)
    )
    return by_history(
        subject,
        found,
        "{} steps fetch a file and verify neither digest nor signature",
        "none of {} steps fetches a file without verifying it",
    )


CHECKS = (
    Check(
        id="apt-verifies-signatures",
        title="apt verifies signatures of repositories",
        reads="/etc/apt: configuration and sources",
        fix="Remove trusted=yes and Allow… settings; install the repository's key.",
        command="grep -rniE 'allow(unauth|insecure|weak)|trusted=yes|verify-' etc/apt",
        decide=_apt_verifies,
    ),
    Check(
        id="apt-sources-signed-by",
        title="Each source of apt names its key",
        reads="/etc/apt/sources.list, /etc/apt/sources.list.d",
        fix="Add Signed-By with the repository's key to each source.",
        command="grep -rniE '^(deb|types|uris|signed)' etc/apt/sources.list etc/apt/sources.list.d",
        decide=_signed_by,
    ),
    Check(
        id="rpm-verifies-signatures",
        title="dnf, yum and zypper verify signatures of packages",
        reads="/etc/yum.repos.d, /etc/dnf/dnf.conf, /etc/zypp/repos.d",
        fix="Set gpgcheck=1 for each repository.",
        command="grep -rnE 'gpgcheck *= *(0|no|false)' etc/yum.repos.d etc/dnf etc/zypp",
        decide=_gpgcheck,
    ),
    Check(
        id="apk-has-keys",
        title="apk has keys for its repositories",
        reads="/etc/apk/keys, /etc/apk/repositories",
        fix="Install the repository's key into /etc/apk/keys.",
        command="ls -d etc/apk/keys/* || echo empty",
        decide=_apk_keys,
    ),
    Check(
        id="history-verifies-packages",
        title="No step of the build turns signatures off",
        reads="configuration: history",
        fix="Remove the option, and install the repository's key.",
        command="docker history --no-trunc IMAGE | grep -E -- '--(allow-un|no-?gpg|force|trusted)'",
        decide=_flags,
    ),
    Check(
        id="history-verifies-downloads",
        title="Downloads of the build are verified",
        reads="configuration: history",
        fix="Verify the digest or the signature in the same step (sha256sum -c, gpg --verify), or"
        " use ADD --checksum.",
        command="docker history --no-trunc IMAGE | grep -E '(curl|wget|ADD) .*https?://'",
        decide=_downloads,
    ),
)
