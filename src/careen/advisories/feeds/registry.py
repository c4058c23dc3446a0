"""All readers, and selection of a document's reader."""

from careen.advisories.feeds.alpine_secdb import AlpineSecdb
from careen.advisories.feeds.cve_records import CveRecords
from careen.advisories.feeds.cvss_table import CvssTable
from careen.advisories.feeds.debian_advisories import DebianAdvisories
from careen.advisories.feeds.debian_tracker import DebianTracker
from careen.advisories.feeds.epss import Epss
from careen.advisories.feeds.kev import Kev
from careen.advisories.feeds.osv import Osv
from careen.advisories.feeds.port import Head, Reader
from careen.advisories.feeds.redhat_vex import RedHatVex

READERS: tuple[Reader, ...] = (
    Kev(),
    Epss(),
    CvssTable(),
    CveRecords(),
    DebianAdvisories(),
    AlpineSecdb(),
    RedHatVex(),
    Osv(),
    DebianTracker(),
)


def recognise(head: Head) -> Reader | None:
    """Return the reader of a document with this head, or None."""
    return next((reader for reader in READERS if reader.recognises(head)), None)
