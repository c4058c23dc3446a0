"""Terminal view of a pass of `careen profile --pods`."""

from collections.abc import Iterator

from careen.model.runs.recorded_pods import PodsPass
from careen.report.completeness_words import evidence_words
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.screen import shown


def pass_lines(done: PodsPass, *, quiet: bool) -> Iterator[str]:
    """Yield what a pass recorded, what it left and why; only the files of images if `quiet`."""
    if not quiet:
        for record in done.records:
            used, runs = (
                counted(len(record.bom.files), "path"),
                counted(len(record.bom.runs), "run"),
            )
            yield shown(
                f"{record.template.name} (pod {record.pod}): {used} used in {runs},"
                f" {evidence_words(record.bom.completeness)}; {record.file}"
            )
        for reason in done.left:
            yield shown(f"not recorded: {reason}")
    for file in done.images.values():
        yield shown(str(file) if quiet else f"canary profile: {file}")
