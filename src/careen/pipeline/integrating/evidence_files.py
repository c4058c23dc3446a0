"""The files of a run's evidence, by which the next run sees whether it was changed."""

from pathlib import Path

from careen.pipeline.run.report_documents import ReportDocuments


def files_of(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a report. Raises InputError for a link."""
    read = ReportDocuments(directory)
    for name in read.names():
        read.note(name)
    return dict(read.digests)
