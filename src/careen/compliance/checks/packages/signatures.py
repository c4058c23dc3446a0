"""Whether apt and apk verify signatures, as their configuration says."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from careen.compliance.check import (
    Check,
    Decision,
    failed,
    none_of,
    not_applicable,
    passed,
)
from careen.compliance.checks.packages.texts import texts_of
from careen.compliance.secrets.hide import shortened
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_SHOWN = 200  # characters of a line that are evidence
_APT = ("/etc/apt/apt.conf", "/etc/apt/apt.conf.d")
_LISTS = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")
# apt's booleans: StringToBool of apt-pkg.
_YES = frozenset({"yes", "true", "with", "on", "enable", "1", "01", "0x1"})
_NO = frozenset({"no", "false", "without", "off", "disable", "0", "00", "0x0"})
_UNSAFE = {
    "allowunauthenticated": _YES,
    "allowinsecurerepositories": _YES,
    "allowweakrepositories": _YES,
    "allowdowngradetoinsecurerepositories": _YES,
    "verify-peer": _NO,
    "verify-host": _NO,
}
_UNSAFE_SOURCES = dict.fromkeys(
    ("trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure"), _YES
)
_CONF_WORDS = str.maketrans(dict.fromkeys("\"';{}=[]", " "))
_LIST_WORDS = str.maketrans(dict.fromkeys('=+:[],"', " "))


def _apt_lines(text: str) -> Iterator[str]:
    """Yield the lines of a configuration or list of apt without comments, in lower case."""
    for line in text.splitlines():
        plain = line.strip()
        if plain and not plain.startswith(("#", "//")):
            yield plain.lower()


def _apt_verifies(subject: Subject) -> Decision:
    if not subject.programs.get("apt-get") and subject.rootfs.find("/etc/apt") is None:
        return not_applicable("the image has no apt")
    found = [
        Evidence(path, shortened(setting, _SHOWN))
        for places, unsafe, words in (
            (_APT, _UNSAFE, _CONF_WORDS),
            (_LISTS, _UNSAFE_SOURCES, _LIST_WORDS),
        )
        for path, text in texts_of(subject, places)
        for setting in _settings("\n".join(_apt_lines(text)).translate(words).split(), unsafe)
    ]
    return none_of(
        found, "{} settings of apt turn signatures off", "no setting of apt turns signatures off"
    )


def _settings(words: Sequence[str], unsafe: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yield the settings whose value, the next word, is unsafe; a key may stand in a scope."""
    for key, value in pairwise(words):
        if value in unsafe.get(key.rpartition("::")[2], ()):
            yield f"{key} {value}"


def _signed_by(subject: Subject) -> Decision:
    texts = tuple(texts_of(subject, _LISTS))
    sources = [
        (path, stanza)
        for path, text in texts
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


def _apk_keys(subject: Subject) -> Decision:
    if subject.rootfs.find("/etc/apk") is None:
        return not_applicable("the image has no apk")
    folder = subject.rootfs.find("/etc/apk/keys")
    keys = () if folder is None else subject.rootfs.children(folder.path)
    repositories = list(texts_of(subject, ("/etc/apk/repositories",)))
    if not repositories:
        return not_applicable("the image has no repositories of apk")
    if keys:
        return passed(f"{len(keys)} keys of apk are in /etc/apk/keys")
    return failed(
        "there is no key to verify the repositories of apk", [Evidence("/etc/apk/keys", "empty")]
    )


CHECKS = (
    Check(
        id="apt-verifies-signatures",
        title="apt verifies signatures of repositories",
        reads="/etc/apt: configuration and sources",
        fix="Remove trusted=yes and Allow… settings; install the repository's key.",
        command="grep -rniE 'allow(unauth|insecure|weak)|trusted|verify-' etc/apt",
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
        id="apk-has-keys",
        title="apk has keys for its repositories",
        reads="/etc/apk/keys, /etc/apk/repositories",
        fix="Install the repository's key into /etc/apk/keys.",
        command="ls -d etc/apk/keys/* || echo empty",
        decide=_apk_keys,
    ),
)
