"""Java's list of certificate authorities, whenever it was made."""

import hashlib
import struct

import pytest

from careen.catalog.java_keystore import with_times

SALT = "changeit".encode("utf-16-be") + b"Mighty Aphrodite"


def text(said: str) -> bytes:
    return struct.pack(">H", len(said)) + said.encode()


def store(when: int, tag: int = 2, salt: bytes = SALT) -> bytes:
    body = struct.pack(">III", 0xFEEDFEED, 2, 2)
    for alias, data in (("debian:one", b"first"), ("debian:two", b"second one")):
        body += struct.pack(">I", tag) + text(alias) + struct.pack(">Q", when)
        body += text("X.509") + struct.pack(">I", len(data)) + data
    return body + hashlib.sha1(salt + body).digest()  # noqa: S324 — the format's


def test_two_stores_of_the_same_certificates_become_equal() -> None:
    assert with_times(store(111), 7) == with_times(store(222), 7) == store(7000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xfe\xed\xfe\xed" + b"x" * 40,
        store(1, tag=1),  # a private key
        store(1, salt=b"another password"),
        store(1)[:-30] + store(1)[-20:],
        struct.pack(">III", 0xFEEDFEED, 2, 0xFFFFFFFF)
        + hashlib.sha1(SALT + struct.pack(">III", 0xFEEDFEED, 2, 0xFFFFFFFF)).digest(),  # noqa: S324
        b"0\x82" + b"a PKCS #12 store" * 9,
    ],
)
def test_what_is_no_such_store_stays_as_it_is(data: bytes) -> None:
    assert with_times(data, 7) is None
