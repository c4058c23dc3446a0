"""Text of `careen ignore`: what was proposed, and what a list needs no longer."""

from careen.model.findings.exceptions import EntryVerdict, IgnoreProposal, IgnorePruning
from careen.report.terminal_output.figures import counted


def proposal_lines(done: IgnoreProposal) -> list[str]:
    """Return what is said beside the proposed entries."""
    out = [f"{done.identifier} has an entry at {where}" for where in done.present]
    if not done.entries:
        return [*out, "nothing to add"]
    entries = counted(len(done.entries), "entry", "entries")
    if done.written:
        out.append(f"{entries} for {done.identifier} written to {done.file} ({done.shape})")
        out.extend(f"in place of the expired entry at {where}" for where in done.replaced)
        return out
    out.extend(f"the entry at {where} has expired; --write replaces it" for where in done.replaced)
    target = done.file or ".careenignore"
    return [*out, f"{entries}, not written; add --write {target} to write"]


def pruning_line(done: IgnorePruning) -> str:
    """Return the result in one line."""
    removed = counted(len(done.removed), "entry", "entries")
    what = f"{removed} of {done.entries:,} in {done.file} not needed by {done.subject}"
    if not done.removed:
        return what
    return f"{what}: {'removed' if done.written else 'not written, add --write to remove'}"


def pruning_lines(done: IgnorePruning) -> list[str]:
    """Return the result with each entry and its reason."""
    return [
        *_verdicts("No longer needed", done.removed),
        *_verdicts("Kept, and to look at", done.attention),
        pruning_line(done),
    ]


def _verdicts(title: str, verdicts: tuple[EntryVerdict, ...]) -> list[str]:
    if not verdicts:
        return []
    return [title, *(f"  {one.where}: {one.entry}: {one.reason}" for one in verdicts), ""]
