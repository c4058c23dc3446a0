"""Update of the database from the feeds' servers or a mirror.

Only this module reads advisories from the network.
"""

import datetime as dt
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from careen.advisories.catalogue import Download
from careen.advisories.database.importing import import_directory, now
from careen.advisories.database.settled import Origin
from careen.advisories.database.store import open_store
from careen.advisories.fetching import Fetcher, is_unresolved, new_client
from careen.errors import ConfigError, InputError, ToolError
from careen.model.findings.imported import Imported, ImportResult, Outcome
from careen.tools.only_user import only_user

MOST_CHANGES = 2000
"""Changed records from which on the whole ecosystem is fetched, in one request."""

WHOLE_DAYS = 30
"""Age in days from which on the whole ecosystem is fetched again.

A list of changes does not name deleted records.
"""

LATE_DAYS = 7
"""Days before the newest known record from which on the list is compared by record.

A record may appear some time after its own modification time.
"""

MAX_UNRESOLVED_HOSTS = 3
"""Unresolved host names after which an update without any answer is given up."""

_LONGEST_LIST = 256 << 20  # bytes of a list of changes: one line per record of an ecosystem
_CHANGE = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+Z),([A-Za-z0-9][\w.:-]{0,100})", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,200}", re.ASCII)


class NoNetworkError(ToolError):
    """No server can be resolved."""


@dataclass(slots=True)
class _Update:
    """State of one update: origins of the cached files, and failures."""

    fetcher: Fetcher
    cache: Path
    db: Path
    origins: dict[str, Origin] = field(default_factory=dict)
    failures: list[Imported] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)  # unreachable hosts, with the error
    lost: dict[str, None] = field(default_factory=dict)  # hosts whose names cannot be resolved
    answered: bool = False

    def take(self, download: Download) -> None:
        """Fetch one file, or note the failure; the other feeds go on."""
        host = urlsplit(download.url).netloc
        if host in self.dead:
            self.failures.append(
                Imported(download.url, Outcome.REFUSED, download.feed, detail=self.dead[host])
            )
            return
        try:
            if not (download.changes and self._changes(download)):
                self._whole(download)
            self.answered = True
        except (ToolError, InputError) as error:
            if isinstance(
                error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError
            ):
                self.dead[host] = str(error)
                if is_unresolved(error):
                    self._unresolved(host)
            self.failures.append(
                Imported(
                    download.url,
                    Outcome.REFUSED,
                    download.feed,
                    detail=f"{error}; what the database holds of it stays",
                )
            )

    def _unresolved(self, host: str) -> None:
        """Raise NoNetworkError after LOST_HOSTS unresolved names without any answer."""
        self.lost[host.rpartition("@")[2]] = None
        if not self.answered and len(self.lost) == MAX_UNRESOLVED_HOSTS:
            msg = (
                f"no network: the names of {MAX_UNRESOLVED_HOSTS} servers cannot be resolved"
                f" ({', '.join(self.lost)}); what the database holds stays; `careen db import DIR`"
                " reads files, --mirror names another place, HTTPS_PROXY a proxy"
            )
            raise NoNetworkError(msg)

    def _whole(self, download: Download) -> None:
        url = download.url
        if download.latest:
            name = self.fetcher.text(url, 1000).strip()
            if not _FILE_NAME.fullmatch(name):
                msg = f"{url}: expected the name of a file, got {name[:80]!r}"
                raise InputError(msg)
            url = f"{url.rpartition('/')[0]}/{name}"
        fetched = self.fetcher.file(url, download.stem)
        self.origins[download.stem] = Origin(_bare(url), fetched.date if fetched.changed else now())
        if fetched.changed:
            shutil.rmtree(self._changes_folder(download), ignore_errors=True)

    def _changes_folder(self, download: Download) -> Path:
        return self.cache / f"{download.stem}.changes"

    def _changes(self, download: Download) -> bool:
        """Fetch only the changed records; return False if that is impossible or not worth it."""
        whole, known = self.cache / download.stem, _modified(self.db, download.feed)
        if (
            not known
            or not whole.exists()
            or time.time() - whole.stat().st_mtime > WHOLE_DAYS * 86400
        ):
            return False
        try:
            listed = self.fetcher.text(download.changes, _LONGEST_LIST)
        except ToolError:
            return False  # a mirror may lack the list
        found = [
            match for match in map(_CHANGE.fullmatch, listed.splitlines()) if match is not None
        ]
        since = _days_before(
            max((one for one in known.values() if one < now()), default=""), LATE_DAYS
        )
        changed = [
            match[2] for match in found if match[1] > since and match[1] > known.get(match[2], "")
        ]
        if not found or len(changed) > MOST_CHANGES:
            return False
        folder = self._changes_folder(download)
        folder.mkdir(exist_ok=True)
        for identifier in changed:
            self.fetcher.file(
                f"{download.url.rpartition('/')[0]}/{quote(identifier)}.json",
                f"{folder.name}/{identifier}.json",
            )
        self.origins[folder.name if changed else download.stem] = Origin(
            _bare(download.changes), now()
        )
        return True


def update(
    db: Path,
    cache: Path,
    wanted: Sequence[Download],
    progress: Callable[[str], None],
    *,
    allow_smaller: bool = False,
    client: httpx.Client | None = None,
) -> ImportResult:
    """Fetch what has changed into `cache` and import it.

    Failed downloads are in the result as refused; the other feeds are imported. Interrupted
    transfers resume, now or in the next update. Raises ConfigError and ToolError (the cache or the
    database is not writable, another update is running).
    """
    with _locked(cache):
        with client or new_client() as connected:
            work = _Update(Fetcher(connected, cache, progress), cache, db)
            for download in wanted:
                if urlsplit(download.url).netloc not in work.dead:
                    progress(download.url)
                work.take(download)
        result = import_directory(
            cache, db, progress, allow_smaller=allow_smaller, origins=work.origins
        )
    plain = {
        urlsplit(each.url).netloc.rpartition("@")[2]
        for each in wanted
        if each.url.startswith("http://")
    }
    return ImportResult(
        (*work.failures, *result.sources),
        result.database,
        result.size,
        result.seconds,
        tuple(sorted(plain)),
    )


def _bare(url: str) -> str:
    """Return a URL without credentials."""
    # The database may be passed on, a mirror's password must not.
    return re.sub(r"(?<=://)[^/]*@", "", url)


def _modified(db: Path, feed: str) -> dict[str, str]:
    if not db.is_file():
        return {}
    with open_store(db) as store:
        return store.modified(feed)


def _days_before(time_of: str, days: int) -> str:
    try:
        return (dt.date.fromisoformat(time_of[:10]) - dt.timedelta(days=days)).isoformat()
    except ValueError:
        return ""


@contextmanager
def _locked(cache: Path) -> Iterator[None]:
    busy = ToolError(f"{cache}: another `careen db update` is running; wait for it to end")
    with ExitStack() as held:
        try:
            cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.enter_context(only_user(cache, busy))
        except OSError as error:
            msg = (
                f"{cache}: the cache of feeds cannot be made: {error.strerror}; set XDG_CACHE_HOME"
                " to a place that can be written to"
            )
            raise ConfigError(msg) from error
        yield
