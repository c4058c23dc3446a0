"""Edits of `info/NAME[:ARCH].{list,md5sums,conffiles}` and `status.d/NAME.md5sums`.

Only packages that lose a file, or have a rewritten one, change.
"""

import re
from collections.abc import Iterator, Mapping

from careen.model.paths import ROOT, ImagePath, name
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.dpkg_diversions import Diversion, name_on_disk
from careen.rewrite.fate import Fate, Fates
from careen.rewrite.lines import decode, encode, map_lines, split_lines
from careen.rewrite.new_contents import NewContents

INFO = ImagePath("/var/lib/dpkg/info")
STATUS_D = ImagePath("/var/lib/dpkg/status.d")
MAX_INFO = 32 * 1024 * 1024
MD5_LINE = re.compile(r"([0-9a-f]{32})([ ][ *])(.+)", re.DOTALL)


class PackageFiles:
    """Fates of the paths that packages list, with diversions applied."""

    def __init__(self, fates: Fates, diversions: Mapping[str, Diversion]) -> None:
        self.fates = fates
        self._diversions = diversions

    def on_disk(self, text: str, package: str) -> str:
        """Return the name of a path of `package` on disk, after diversions."""
        return name_on_disk(text, package, self._diversions)

    def of(self, text: str, package: str) -> Fate:
        """Return the fate of a listed path."""
        return self.fates.of(self.on_disk(text, package), ROOT)


def touched_packages(rootfs: Rootfs, files: PackageFiles) -> frozenset[str]:
    """Return the packages (`NAME[:ARCH]`, as in the info files' names) that lose a listed path."""
    return frozenset(
        package
        for path, package in info_files(rootfs, ".list")
        if any(
            line not in ("", "\n") and files.of(line.removesuffix("\n"), package) is Fate.REMOVED
            for line in _lines(rootfs, path)
        )
    )


def info_files(rootfs: Rootfs, suffix: str) -> Iterator[tuple[ImagePath, str]]:
    """Yield the regular files `info/*suffix`, each with the package's name from the file name."""
    for path in rootfs.children(INFO):
        if path.endswith(suffix) and rootfs[path].is_file:
            yield path, name(path).removesuffix(suffix)


def info_edits(
    rootfs: Rootfs, files: PackageFiles, touched: frozenset[str], contents: NewContents
) -> Mapping[ImagePath, bytes]:
    """Return new contents for the info files of touched packages, and of rewritten files."""
    edits: dict[ImagePath, bytes] = {}
    for suffix, edit in ((".list", _edit_list), (".conffiles", _edit_conffiles)):
        for path, package in info_files(rootfs, suffix):
            if package in touched:
                edits[path] = encode(edit(decode(rootfs.read(path, MAX_INFO)), package, files))
    for path, package in info_files(rootfs, ".md5sums"):
        edits[path] = encode(
            edit_md5sums(
                decode(rootfs.read(path, MAX_INFO)),
                package,
                files,
                touched=package in touched,
                contents=contents,
            )
        )
    for path in rootfs.children(STATUS_D):
        if path.endswith(".md5sums") and rootfs[path].is_file:
            text = decode(rootfs.read(path, MAX_INFO))
            package = name(path).removesuffix(".md5sums")
            lost = any(files.of(found, package) is Fate.REMOVED for found in md5_paths(text))
            edits[path] = encode(
                edit_md5sums(text, package, files, touched=lost, contents=contents)
            )
    return edits


def md5_paths(text: str) -> Iterator[str]:
    """Yield the absolute paths that an md5sums file lists."""
    for line in split_lines(text):
        if found := MD5_LINE.fullmatch(line.removesuffix("\n")):
            yield absolute(found[3])


def absolute(text: str) -> str:
    """Return the path of an md5sums line as an absolute one; dpkg omits the leading slash."""
    return text if text.startswith("/") else "/" + text


def conffile_path(line: str) -> str | None:
    """Return the path of a conffiles line (`/etc/x`, or `remove-on-upgrade /etc/x`), or None."""
    start = line.find("/")
    return line[start:] if start >= 0 else None


def edit_md5sums(
    text: str, package: str, files: PackageFiles, *, touched: bool, contents: NewContents
) -> str:
    """Drop the checksums of missing paths, if the package is touched, and renew changed ones."""

    def change(line: str) -> str | None:
        found = MD5_LINE.fullmatch(line)
        if found is None:
            return line
        listed = absolute(found[3])
        if touched and files.of(listed, package) is not Fate.KEPT:
            return None
        there = files.fates.path(files.on_disk(listed, package)) or ROOT
        return (
            contents.digest(there, "md5").hex() + found[2] + found[3] if there in contents else line
        )

    return map_lines(text, change)


def _lines(rootfs: Rootfs, path: ImagePath) -> list[str]:
    return split_lines(decode(rootfs.read(path, MAX_INFO)))


def _edit_list(text: str, package: str, files: PackageFiles) -> str:
    return map_lines(
        text, lambda line: line if line and files.of(line, package) is Fate.KEPT else None
    )


def _edit_conffiles(text: str, package: str, files: PackageFiles) -> str:
    def change(line: str) -> str | None:
        path = conffile_path(line)
        return line if path is None or files.of(path, package) is Fate.KEPT else None

    return map_lines(text, change)
