"""Answer to "why is this path kept, or removed?" from a plan."""

import difflib

from careen.errors import InputError
from careen.model.explanation import Decision, Explanation, Step
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, parent
from careen.model.plan import EXPLORED, Plan, Reason
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs

MAX_CHAIN = 64


def explain(
    plan: Plan, rootfs: Rootfs, inventory: Inventory, bom: RuntimeBom, path: ImagePath
) -> Explanation:
    """Return why the plan keeps or removes a path.

    The chain leads to an observation and on through the programs that used the path to the first
    that ran, or to a rule or a wish of the user. A symlink is explained itself, not its target; a
    path through symlinks is walked first.

    Raises InputError for a path that the image never had, naming the nearest one.
    """
    entry = rootfs.get(path)
    if entry is None:
        walked = rootfs.walk(path, follow=False).final
        if walked is None:
            raise InputError(_never(rootfs, bom, path))
        entry = walked
    decision = Decision.KEEP if entry.path in plan.keep else Decision.REMOVE
    uses = tuple(use for file in bom.files if file.path == entry.path for use in file.uses)
    return Explanation(
        path=entry.path,
        kind=entry.kind,
        decision=decision,
        chain=_chain(plan, bom, entry.path),
        owners=tuple(sorted(inventory.owners.get(entry.path, ()))),
        uses=uses,
        size=entry.size if entry.is_file else 0,
        target=entry.target,
        symbols=_symbols(plan, entry.path),
    )


def _symbols(plan: Plan, path: ImagePath) -> str:
    if plan.symbols is None or path not in plan.keep:
        return ""
    if path in plan.symbols.dropped:
        return f"removed, {plan.symbols.dropped[path]:,} bytes: no loader reads them"
    return f"kept: {plan.symbols.left[path]}" if path in plan.symbols.left else ""


def _chain(plan: Plan, bom: RuntimeBom, path: ImagePath) -> tuple[Step, ...]:
    users = {file.path: sorted({use.executable for use in file.uses}) for file in bom.files}
    steps: list[Step] = []
    current: ImagePath | None = path
    seen: set[ImagePath] = set()
    while current is not None and current not in seen and len(steps) < MAX_CHAIN:
        seen.add(current)
        reason = (
            plan.keep.get(current)
            or plan.remove.get(current)
            or Reason("unknown", "the plan does not hold this path: it was made for another image")
        )
        steps.append(Step(current, reason))
        current = reason.because
        # The detail says `opened by PROGRAM …`: go on with why that program ran.
        if current is None and reason.code in ("observed", EXPLORED):
            programs = (
                ImagePath(item)
                for item in users.get(steps[-1].path, ())
                if f" by {item} " in f"{reason.detail} "
            )
            current = next((item for item in programs if item in plan.keep), None)
    return tuple(steps)


def _never(rootfs: Rootfs, bom: RuntimeBom, path: ImagePath) -> str:
    sought = (
        ", but the workload looked for it"
        if any(missed.path == path for missed in bom.missed)
        else ""
    )
    around = parent(path)
    while around not in rootfs:
        around = parent(around)
    near = difflib.get_close_matches(path, rootfs.children(around)[:2000], n=1)
    hint = f"; nearest is {near[0]!r}" if near else f"; the nearest directory is {around!r}"
    return f"the image never had the path {path!r}{sought}{hint}"
