"""Helpers that read the shadow file for PAM modules (pam_unix(8): unix_chkpwd)."""

import re
from collections.abc import Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath, name, parent
from careen.model.plan import Reason
from careen.plan.core.mechanism import Mechanism, Work
from careen.plan.mechanisms.files.programs import may_be_elf

_HELPER = re.compile(rb"(?<=\0)/(?:usr/)?s?bin/[\w.+-]{1,100}(?=\0)")
_LINE = re.compile(
    r"^[ \t]*-?(?:auth|account)[ \t]+(?:\[[^\]\n]*\]|\S+)[ \t]+(?:/\S*/)?(pam_[\w-]+\.so)",
    re.MULTILINE,
)
_INCLUDED = re.compile(
    r"^[ \t]*(?:@include|-?(?:auth|account)[ \t]+(?:include|substack))[ \t]+([\w.+-]+)",
    re.MULTILINE,
)
_PLACE = re.compile(r"(?:/usr)?/lib(?:64|/[^/]*-linux-gnu)?/security")


class PamHelpers(Mechanism):
    """Keeps the setuid or setgid helpers of PAM modules by which a kept program checks accounts.

    The program is linked against libpam and has a service of its own name in /etc/pam.d. Without
    the helper, a scheduler or a server refuses every user, even root.
    """

    id = "pam-helpers"
    why = (
        "a module reads the shadow file through a helper when it checks an account, and refuses"
        " every user without it"
    )
    codes = ("helper-program",)

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._services: set[str] = set()
        self._modules: set[str] = set()

    def visit(self, entry: Entry) -> None:
        if (
            not entry.is_executable
            or not may_be_elf(entry)
            or ImagePath(f"/etc/pam.d/{name(entry.path)}") not in self._work.scene.rootfs
        ):
            return
        info = self._work.loader.info(entry)
        if info is None or not any(library.startswith("libpam.so") for library in info.needed):
            return
        modules = set(self._asked(name(entry.path))) - self._modules
        self._modules |= modules
        for module in sorted(modules):
            for path in self._work.scene.index.named(module):
                if _PLACE.fullmatch(parent(path)):
                    self._keep(self._work.scene.rootfs[path], entry)

    def _asked(self, service: str) -> Iterator[str]:
        """Yield the modules that a service uses, itself or through what it includes."""
        todo = [service]
        while todo:
            current = todo.pop()
            if current in self._services:  # services may include each other, and themselves
                continue
            self._services.add(current)
            final = self._work.scene.rootfs.walk(f"/etc/pam.d/{current}").final
            if final is not None and final.is_file:
                text = self._work.scene.text(final).decode("utf-8", "replace")
                yield from _LINE.findall(text)
                todo.extend(_INCLUDED.findall(text))

    def _keep(self, module: Entry, program: Entry) -> None:
        if not module.is_file:
            return
        for found in sorted(set(_HELPER.findall(self._work.scene.text(module)))):
            text = found.decode("ascii", "replace")
            final = self._work.scene.rootfs.walk(text).final
            if final is not None and final.is_setid:
                self._work.keeping.reach(
                    text,
                    Reason(
                        "helper-program",
                        f"{text}, named in {module.path}, by which {program.path} asks for"
                        " accounts",
                        program.path,
                    ),
                )

    def settle(self) -> None:
        """Do nothing: files are handled as they are kept."""
