"""Terminal view of an image's cryptography: the modules of each rung."""

from collections.abc import Iterator

from careen.model.cryptography.module import CryptoInventory, Judged, Standing
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import shown

_FIRST = 8  # modules of a rung that are named without --details


def cryptography_lines(inventory: CryptoInventory, *, details: bool) -> Iterator[str]:
    """Yield the modules by rung, then what is not known."""
    if not inventory.modules:
        yield "no implementation of cryptography was found"
    for rung in Standing:
        found = inventory.of(rung)
        if not found:
            continue
        yield f"{rung.value}: {counted(len(found), 'module')}"
        named = found if details else found[:_FIRST]
        yield from (f"  {_named(each)}" for each in named)
        if len(named) < len(found):
            yield f"  and {len(found) - len(named)} more (--details)"
    for unread in inventory.unknowns:
        yield f"not read: {shown(unread.path)}: {shown(unread.reason)}"
    for text in inventory.caveats:
        yield f"not known: {text}"


def _named(judged: Judged) -> str:
    module = judged.module
    ran = {None: "", True: ", executed", False: ", not executed"}[module.executed]
    version = module.version or "(version not known)"
    return shown(f"{module.name} {version}, {module.path}{ran}: {judged.reason}")
