"""The files of a run's evidence, by which the next run sees whether it was changed."""

from pathlib import Path

from careen.evidence.directory.layout import MANIFEST
from careen.pipeline.run.report_documents import ReportDocuments


def files_of(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a report but its manifest. Raises InputError for a link.

    More places and a signature complete the manifest. A run that is killed between that and its
    state would leave a result that nobody takes any more.
    """
    read = ReportDocuments(directory)
    for name in read.names():
        if name != MANIFEST:
            read.note(name)
    return dict(read.digests)
