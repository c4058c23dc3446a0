"""Class paths of Java programs.

They are in `-cp` with wildcards, `-jar`, module paths, agents, argument files, CLASSPATH, and the
Class-Path of manifests (java(1); the JAR specification, Class-Path).

A JVM opens an archive when it looks for a class that no archive before it has. Archives stay whole,
so services (ServiceLoader) and classes that are loaded by name stay with them.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.model.entry import Entry
from careen.model.paths import ImagePath, parent
from careen.model.plan import Reason
from careen.plan.core.facts import OwnFiles, TreeNeeded
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.core.system_directories import is_shared
from careen.plan.scanners.java import ARCHIVES

MANIFEST = "META-INF/MANIFEST.MF"
MAX_MANIFEST = 1 << 20
MAX_ARGUMENTS = 1 << 20
_TAKES_PATH = (
    "-cp",
    "-classpath",
    "--class-path",
    "-p",
    "--module-path",
    "-jar",
    "--upgrade-module-path",
)
_WITH_PATH = re.compile(
    r"(?:--class-path|--module-path|--upgrade-module-path)=(.+)|-(?:javaagent|agentpath):([^=]+)|-Xbootclasspath(?:/[ap])?:(.+)|-Djava\.class\.path=(.+)"
)
_VARIABLES = ("CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "_JAVA_OPTIONS")
_WORD = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|(\S+)")
_CONTINUED = re.compile(rb"\r?\n ")
_CLASS_PATH = re.compile(rb"^Class-Path:[ \t]*([^\r\n]{1,200000})", re.MULTILINE | re.IGNORECASE)


def class_path_of(manifest: bytes) -> tuple[str, ...]:
    """Return the entries of a manifest's Class-Path as paths.

    They are absolute, or relative to the archive's directory. URLs of other schemes than `file:`
    are left out.
    """
    found = _CLASS_PATH.search(_CONTINUED.sub(b"", manifest))
    entries = found.group(1).decode("utf-8", "replace").split() if found is not None else []
    parts = filter(None, map(_split, entries[:4096]))
    return tuple(
        dict.fromkeys(
            unquote(part.path) for part in parts if part.scheme in ("", "file") and part.path
        )
    )


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # `http://[x`: a host that is none
        return None


def paths_of(words: Iterable[str]) -> Iterator[str]:
    """Yield the class and module path entries, archives and agents that a java command names.

    `@FILE` is yielded as it stands.
    """
    takes = False
    for word in words:
        if takes:
            yield from word.split(":")
        elif word.startswith("@") and not word.startswith("@@"):
            yield word
        elif (match := _WITH_PATH.match(word)) is not None:
            yield from next(item for item in match.groups() if item).split(":")
        takes = word in _TAKES_PATH


def words_of(text: str) -> tuple[str, ...]:
    """Split a command line, a script or an argument file into words.

    Quotes hold a word together; a backslash at the end of a line continues the line.
    """
    return tuple("".join(found) for found in _WORD.findall(text.replace("\\\n", " ")))


def _java_only(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words, without `-p` unless they are those of a java command."""
    listed = tuple(words)
    # In a script or a line for a shell it may be another program's (`mkdir -p`).
    first = listed[0].rpartition("/")[2] if listed else ""
    return listed if first == "java" else tuple(word for word in listed if word != "-p")


class JavaClassPath(Mechanism):
    """Keeps the archives and directories that Java class paths name.

    Class paths are those of the image's command and variables, observed runs, the application's
    scripts, and kept archives.
    """

    id = "java-class-path"
    why = (
        "a JVM opens an archive of its class path only when it looks for a class that no archive"
        " before it has"
    )
    codes = ("java-class-path",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._unread = OwnFiles(work.facts)
        self._budget = ZipBudget(run=work.scene.rootfs.budget)
        self._java = False
        self._planted = False

    def visit(self, entry: Entry) -> None:
        if entry.path.endswith("/bin/java") or entry.path.endswith("/libjvm.so"):
            self._java = True
        if entry.is_file and entry.path.endswith(ARCHIVES):
            self._archive(entry)

    def _archive(self, entry: Entry) -> None:
        try:
            with (
                self._work.scene.rootfs.open(entry.path) as stream,
                ZipArchive(stream, entry.path, budget=self._budget) as archive,
            ):
                manifest = (
                    archive.read(MANIFEST, MAX_MANIFEST) if MANIFEST in archive.names() else b""
                )
        except ImageError:
            return
        for text in class_path_of(manifest):
            self._entry(
                text if text.startswith("/") else f"{parent(entry.path)}/{text}",
                f"on the Class-Path of {entry.path}",
                entry.path,
            )

    def settle(self) -> None:
        if not self._java:
            return
        config = self._work.scene.config
        if not self._planted:
            self._planted = True
            self._words(
                _java_only((*config.entrypoint, *config.cmd)),
                "on the class path of the image's command",
                None,
            )
            for run in self._work.scene.bom.runs:
                self._words(
                    _java_only(run.command), f"on the class path of workload {run.workload}", None
                )
            for variable in _VARIABLES:
                value = config.env.get(variable, "")
                words = ("-cp", value) if variable == "CLASSPATH" else words_of(value)
                self._words(words, f"on the class path that variable {variable} names", None)
        for entry in self._unread.take():
            if (
                entry.is_executable or entry.path.endswith((".sh", ".bash", ".conf", ".vmoptions"))
            ) and entry.size <= MAX_ARGUMENTS:
                text = self._work.scene.text(entry)
                if b"java" in text and b"\0" not in text[:4096]:
                    self._words(
                        _java_only(words_of(text.decode("utf-8", "replace"))),
                        f"on the class path in {entry.path}",
                        entry.path,
                    )

    def _words(self, words: Iterable[str], why: str, because: ImagePath | None) -> None:
        split = [
            part
            for word in words
            for part in (words_of(word) if " " in word and "-" in word else (word,))
        ]
        for text in paths_of(split):
            if text.startswith("@"):
                self._arguments(text[1:], why, because)
            else:
                self._entry(self._absolute(text), why, because)

    def _absolute(self, text: str) -> str:
        return text if text.startswith("/") else f"{self._work.scene.config.working_dir}/{text}"

    def _arguments(self, text: str, why: str, because: ImagePath | None) -> None:
        """Keep an argument file and what it names."""
        final = self._work.scene.rootfs.walk(self._absolute(text)).final
        if final is None or not final.is_file or final.size > MAX_ARGUMENTS:
            return
        self._work.keeping.reach(
            self._absolute(text), Reason("java-class-path", f"argument file {why}", because)
        )
        for item in paths_of(words_of(self._work.scene.text(final).decode("utf-8", "replace"))):
            if not item.startswith("@"):  # argument files do not nest (java(1))
                self._entry(self._absolute(item), f"on the class path in {final.path}", final.path)

    def _entry(self, text: str, why: str, because: ImagePath | None) -> None:
        """Keep one entry of a class path.

        It is an archive, a directory whose archives all count (`DIR/*`, or of a module path), or a
        directory of classes.
        """
        scene = self._work.scene
        reason = Reason("java-class-path", why, because)
        final = scene.rootfs.walk(text.removesuffix("/*") or "/").final
        if final is None:
            return
        if not final.is_dir:
            self._work.keeping.reach(text, reason)
            return
        for path in scene.rootfs.children(final.path):
            if path.endswith(ARCHIVES):
                self._work.keeping.reach(path, reason)
        if (
            not text.endswith("/*")
            and not is_shared(final.path)
            and final.path not in scene.owned_directories
        ):
            self._work.facts.post(TreeNeeded(final.path, reason))
