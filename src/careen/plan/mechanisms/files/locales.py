"""Locales of the C library that the image or the application names, or that were generated."""

import re
from collections.abc import Iterator

from careen.model.paths import ImagePath, name
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application.own_files import SOURCES
from careen.plan.scanners.imports import literals

DIRECTORY = ImagePath("/usr/lib/locale")
_NAME = re.compile(r"([A-Za-z]{2,3}(?:_[A-Za-z]{2})?)(?:\.([\w-]{1,40}))?(?:@([\w-]{1,40}))?\Z")
_LOCALE = (
    rb"[a-z]{2,3}_[A-Z]{2}(?:\.(?:utf|UTF|iso|ISO|gb|GB|euc|EUC|big|BIG|koi|KOI|cp|CP)[\w-]{1,40})"
)
_IN_TEXT = re.compile(
    rb"(?<![\w.])(" + _LOCALE + rb"(?:@\w{1,40})?)(?![\w.])"
    rb"|setlocale\([^()\n]{0,80}[\"']([a-z]{2,3}_[A-Z]{2}(?:@\w{1,40})?)[\"']"
)
_TEXTS = (
    *SOURCES,
    ".conf",
    ".cfg",
    ".ini",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".properties",
    ".env",
)


def variables(scene: Scene) -> Iterator[tuple[str, str]]:
    """Yield the image's variables that choose a locale, a pair for each language of a list."""
    for key, value in scene.config.env.items():
        if key in ("LANG", "LANGUAGE") or key.startswith("LC_"):
            yield from ((key, item) for item in value.split(":") if item)


def directories(locale: str) -> tuple[str, ...]:
    """Return the names below /usr/lib/locale that setlocale(3) tries for a locale.

    The character set is as written, normalised (`utf8`), and absent.
    """
    match = _NAME.match(locale)
    if match is None:
        return ()
    language, charset, modifier = match.groups()
    plain = re.sub(r"[^a-z0-9]", "", (charset or "").lower())
    normal = f"iso{plain}" if plain.isdigit() else plain
    ends = dict.fromkeys((f".{charset}" if charset else "", f".{normal}" if normal else "", ""))
    return tuple(f"{language}{end}{f'@{modifier}' if modifier else ''}" for end in ends)


def catalogues(scene: Scene) -> frozenset[ImagePath]:
    """Return the message catalogues of languages that the image's variables choose.

    No drop rule may remove them.
    """
    languages: set[str] = set()
    for _, value in variables(scene):
        match = _NAME.match(value)
        if match is not None and match.group(1) not in ("en", "en_US"):
            languages.update((match.group(1), match.group(1).partition("_")[0]))
    found = (
        entry.path
        for language in sorted(languages)
        for entry in scene.index.below(ImagePath(f"/usr/share/locale/{language}"))
    )
    return frozenset(found)


class Locales(Mechanism):
    """Keeps the locales that are named, and those that were generated for the image (localedef).

    The image's variables and the application's text name locales. A text has to give the character
    set, or pass the name to setlocale: a list of translations names no locale. A source that calls
    gettext keeps the message catalogues of the domains that it names, in all languages.
    """

    id = "locales"
    why = (
        "setlocale opens a locale when a request, a report or a variable asks for it, and"
        " silently falls back to C"
    )
    codes = ("locale",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._planted = False

    def settle(self) -> None:
        scene = self._work.scene
        unread = self._unread.take()
        for entry in unread:
            if entry.path.endswith(SOURCES):
                self._translate(scene.text(entry), entry.path)
        if "glibc" not in scene.libcs:
            return
        if not self._planted:
            self._planted = True
            for path in scene.rootfs.children(DIRECTORY):
                inside = tuple(scene.index.below(path))
                if inside and not any(entry.path in scene.inventory.owners for entry in inside):
                    self._keep(
                        path, Reason("locale", f"{name(path)} was generated for this image", None)
                    )
            for variable, value in variables(scene):
                self._named(value, f"chosen by variable {variable}", None)
        for entry in unread:
            if entry.path.endswith(_TEXTS) or (entry.is_executable and entry.size < 1 << 20):
                for whole, called in sorted(set(_IN_TEXT.findall(scene.text(entry)))):
                    self._named(
                        (whole or called).decode("ascii"), f"named in {entry.path}", entry.path
                    )

    def _translate(self, source: bytes, path: ImagePath) -> None:
        """Keep the message catalogues of the domains that a source names: a request chooses one."""
        if b"gettext" not in source and b"textdomain" not in source:
            return
        for domain in sorted(literals(source)):
            for found in self._work.scene.index.named(f"{domain}.mo"):
                if "/LC_MESSAGES/" in found and "-packages/" not in found:
                    why = f"messages of {domain}, which {path} names"
                    self._work.keeping.reach(found, Reason("locale", why, path))

    def _named(self, locale: str, why: str, because: ImagePath | None) -> None:
        for directory in directories(locale):
            self._keep(
                ImagePath(f"{DIRECTORY}/{directory}"),
                Reason("locale", f"locale {locale}, {why}", because),
            )

    def _keep(self, directory: ImagePath, reason: Reason) -> None:
        self._work.keeping.add(directory, reason)
        for entry in self._work.scene.index.below(directory):
            self._work.keeping.add(entry.path, reason)
