"""What skopeo says, as a kind of failure and one line. The texts are of skopeo 1.18."""

import pytest

from careen.registries.failures import Failure, failure_of
from careen.tools.process import Finished

HOST = "127.0.0.1:5000"
PARSING = f'Error parsing image name \\"docker://{HOST}/a:1\\": '


def said(text: str) -> Finished:
    line = f'time="2026-11-30T06:40:56Z" level=fatal msg="{text}"\n'
    return Finished(1, b"", line.encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{PARSING}reading manifest 1 in {HOST}/a: authentication required", Failure.LOGIN),
        (f"{PARSING}reading manifest 1 in {HOST}/a: manifest unknown", Failure.ABSENT),
        (
            (
                f'{PARSING}pinging container registry {HOST}: Get \\"https://{HOST}/v2/\\": tls: failed'
                " to verify certificate: x509: certificate signed by unknown authority"
            ),
            Failure.CERTIFICATE,
        ),
        (
            (
                f'{PARSING}pinging container registry {HOST}: Get \\"https://{HOST}/v2/\\": dial tcp'
                f" {HOST}: connect: connection refused"
            ),
            Failure.UNREACHABLE,
        ),
        (
            (
                f'{PARSING}pinging container registry {HOST}: Get \\"https://{HOST}/v2/\\": http:'
                " server gave HTTP response to HTTPS client"
            ),
            Failure.PLAIN_HTTP,
        ),
        (
            (
                f'{PARSING}pinging container registry nowhere.example: Get \\"https://nowhere.example'
                '/v2/\\": dial tcp: lookup nowhere.example on 127.0.0.53:53: no such host'
            ),
            Failure.UNRESOLVED,
        ),
        (
            f"{PARSING}registry {HOST} is blocked in /etc/containers/registries.conf",
            Failure.BLOCKED,
        ),
        (
            (
                "writing blob: uploading layer chunked: received unexpected HTTP status: 503 Service"
                " Unavailable"
            ),
            Failure.SERVER,
        ),
        ("writing blob: uploading layer chunked: toomanyrequests: slow down", Failure.THROTTLED),
        (f"writing manifest: uploading manifest 1 to {HOST}/a: denied: no", Failure.DENIED),
        ("writing blob: write /tmp/oci-put-blob1: no space left on device", Failure.DISK),
        (
            (
                "copying system image from manifest list: writing blob: Digest did not match, expected"
                " sha256:1, got sha256:2"
            ),
            Failure.DIGEST,
        ),
        (f'writing blob: Patch \\"https://{HOST}/v2/a/blobs/uploads/1\\": EOF', Failure.CUT),
        (
            (
                f'{PARSING}pinging container registry r.example: Get \\"https://r.example/v2/\\": dial'
                " tcp: lookup r.example on 10.0.0.2:53: read udp 10.0.0.3->10.0.0.2: i/o timeout"
            ),
            Failure.UNREACHABLE,
        ),
        (
            f'writing blob: Patch \\"https://{HOST}/v2/a/blobs/uploads/1\\": read: connection reset',
            Failure.CUT,
        ),
        ("something that nobody has seen before", Failure.OTHER),
    ],
)
def test_a_text_is_a_kind_of_failure(text: str, kind: Failure) -> None:
    assert failure_of(said(text)).kind is kind


def test_what_skopeo_was_doing_is_not_said_twice() -> None:
    words = failure_of(said(f"{PARSING}reading manifest 1 in {HOST}/a: manifest unknown")).words
    assert words == f"reading manifest 1 in {HOST}/a: manifest unknown"


def test_a_signed_address_and_a_password_are_left_out() -> None:
    words = failure_of(
        said(
            'reading blob sha256:1: Get \\"https://store.example/data?X-Signature=s3cr3t&a=b\\": EOF;'
            " proxy http://me:pa55@proxy.example:3128/x?token=t0ken refused"
        )
    ).words
    assert words == (
        'reading blob sha256:1: Get "https://store.example/data": EOF; proxy'
        " http://proxy.example:3128/x refused"
    )


def test_a_long_text_is_cut_and_one_that_is_no_log_is_its_last_line() -> None:
    assert len(failure_of(said("x" * 5000)).words) == 301
    assert failure_of(Finished(2, b"", b"first\nlast line\n")).words == "last line"
    assert failure_of(Finished(2, b"", b"")).words == "no output"


def test_what_a_store_without_root_lacks_is_the_first_error_before_skopeo_works() -> None:
    lines = (
        'time="x" level=warning msg="Reading allowed ID mappings"\n'
        'time="x" level=error msg="finding newgidmap: exec: \\"newgidmap\\": not in $PATH"\n'
        'time="x" level=error msg="(Unable to determine exit status)"\n'
    )
    failure = failure_of(Finished(1, b"", lines.encode()))
    assert failure.kind is Failure.ROOTLESS
    assert failure.words == 'finding newgidmap: exec: "newgidmap": not in $PATH'
