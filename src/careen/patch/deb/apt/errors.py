"""Failures of apt and dpkg as one line that says what to do next."""

import re

from careen.patch.credentials import without_credentials

_SHOWN = 300
_URL = re.compile(r"\b(?:https?|ftp|file|copy|mirror\+\w+|cdrom):\S+")
_FAILED = re.compile(r"dpkg: error processing (?:package|archive) (\S+) \(--(\S+)\):")
_SETTING_UP = re.compile(r"(?:Setting up|Preparing to unpack|Unpacking|Removing) ")
_FULL = "No space left on device"
_ROOM = (
    "the disk of the work directory or of the container is full: make room there, or name another"
    " with --work-dir"
)
_QUIET = ("debconf: ", "(Reading database", "Processing triggers")

_CAUSES = (
    (
        ("NOSPLIT", "Clearsigned file", "NODATA"),
        (
            "it did not send a package list, but perhaps a login page or a proxy error: check"
            " the URI of --source"
        ),
    ),
    (
        (
            "NO_PUBKEY",
            "Missing key",
            "is not signed",
            "GPG error",
            "OpenPGP",
            "signature",
            "not bound",
            "BADSIG",
            "EXPKEYSIG",
        ),
        (
            "the signature of its index is not valid: add the archive's key with --source-key,"
            " or another mirror with --source"
        ),
    ),
    (
        ("is expired", "is not valid yet", "not live until", "Expired since"),
        (
            "its index has expired: name an up-to-date mirror with --source; the archive of an"
            " end-of-life release needs 'deb [check-valid-until=no] URI …'"
        ),
    ),
    (
        (
            "404",
            "does not have a Release file",
            "no longer has a Release file",
            "File not found",
            "No such file",
        ),
        (
            "the mirror does not have it: check URI and suite of --source; a release that has ended"
            " moves to its distribution's archive"
        ),
    ),
    (
        ("Hash Sum", "hash mismatch", "unexpected size", "Writing more data", "File has"),
        "what it sent is not what its signed index says: try again later, or another mirror",
    ),
    (
        ("Could not resolve", "name resolution"),
        "the host name cannot be resolved: check the URI, the network and --host-network",
    ),
    (
        (
            "timed out",
            "Could not connect",
            "Unable to connect",
            "Connection failed",
            "Connection refused",
            "reading from server",
            "no longer answers",
        ),
        "the mirror does not answer: check the network, or name another with --source",
    ),
    (("ertificate",), "its certificate is not trusted: add its CA with --ca"),
    (
        (" 50", "Internal Server Error", "Bad Gateway", "Service Unavailable"),
        "the mirror reports an error: try again later, or name another with --source",
    ),
)


def mirror_failure(output: str, uris: tuple[str, ...]) -> str:
    """Return why the package lists cannot be read: the mirror, apt's message and advice.

    `uris` are the sources, used if the output names none.
    """
    lines = [
        without_credentials(line.strip())
        for line in output.splitlines()
        if line.startswith(("E: ", "W: ", "Err:", "  "))
    ]
    said = [
        line
        for line in lines
        if not line.startswith("E: Some index files failed")
        and "might not be available" not in line
        and line
    ]
    if full := next((line for line in lines if _FULL in line), ""):
        return _sentence(full, [], uris, _ROOM)
    for words, advice in _CAUSES:
        found = next(
            (
                line
                for line in said
                if not line.startswith("Err:") and any(word in line for word in words)
            ),
            "",
        )
        if found:
            return _sentence(found, lines, uris, advice)
    return _sentence(
        said[0] if said else "it gave no reason", lines, uris, "check --source and the network"
    )


def _sentence(found: str, lines: list[str], uris: tuple[str, ...], advice: str) -> str:
    named = next(
        (match[0] for line in (found, *lines) for match in [_URL.search(line)] if match), ""
    ) or ", ".join(map(without_credentials, uris))
    words = re.sub(r"^(?:[EW]: |Err:\d+ )", "", found)
    return f"reading the package lists of {named.rstrip(' .,')}: {words[:_SHOWN]}; {advice}"


def install_failure(output: str) -> str:
    """Return why an installation failed: package and last script output, or apt's error."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    if any(_FULL in line for line in lines):
        culprit = next(
            (
                found[1].rpartition("/")[2].partition("_")[0]
                for line in lines
                for found in [_FAILED.match(line.strip())]
                if found
            ),
            "",
        )
        return (
            f"{f'{culprit}: ' if culprit else ''}no space left on the disk that the container"
            " writes to: make room there and run again"
        )
    for i, line in enumerate(lines):
        found = _FAILED.match(line.strip())
        if found is None:
            continue
        why = lines[i + 1].strip() if i + 1 < len(lines) else "dpkg gave no reason"
        words: list[str] = []
        for before in reversed(lines[max(0, i - 20) : i]):
            if _SETTING_UP.match(before):
                break
            if not before.startswith(_QUIET):
                words.insert(0, before.strip())
        last = " | ".join(words)[-_SHOWN:]
        name = found[1].rpartition("/")[2]
        return (
            f"{name}:"
            f" {without_credentials(why)[:_SHOWN]}{f' after it said: {last}' if last else ''};"
            f" leave it as it is with --exclude {name.partition(':')[0]}"
        )
    errors = [without_credentials(line) for line in lines if line.startswith("E: ")]
    return " ".join(errors[:3])[:_SHOWN].removeprefix("E: ") or (
        lines[-1][:_SHOWN] if lines else "apt printed nothing"
    )
