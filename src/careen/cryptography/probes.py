"""Probes of FIPS mode: what is asked in a container, and what the answers show.

The image's own `openssl` and Python answer. What a module must refuse and what it must do are asked
alike: an image in which nothing works is not in FIPS mode, it is broken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from careen.model.cryptography.fips import Expected, FipsProbe

_MARK = "careen-probe\t"
_NO_DEFAULT = re.compile(r"^\s{0,8}default\s*$", re.MULTILINE)
_FIPS = re.compile(r"^\s{0,8}fips\s*$", re.MULTILINE)
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One probe; `words` are the arguments of `openssl`, empty for one of Python's."""

    name: str
    title: str
    expected: Expected
    words: tuple[str, ...] = ()


_WORKS, _BLOCKED, _IS_SHOWN = Expected.WORKS, Expected.BLOCKED, Expected.SHOWN
_INPUT = "/dev/null"
OPENSSL: tuple[Question, ...] = (
    Question("openssl-providers", "fips is active, default is not", _WORKS, ("list", "-providers")),
    Question("openssl-sha256", "SHA-256", _WORKS, ("dgst", "-sha256", _INPUT)),
    Question(
        "openssl-aes",
        "AES-256-CBC",
        _WORKS,
        ("enc", "-aes-256-cbc", "-K", "0" * 64, "-iv", "0" * 32, "-in", _INPUT),
    ),
    Question(
        "openssl-p256",
        "a key on P-256",
        _WORKS,
        ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    ),
    Question("openssl-md5", "MD5", _BLOCKED, ("dgst", "-md5", _INPUT)),
    Question(
        "openssl-chacha20",
        "ChaCha20",
        _BLOCKED,
        ("enc", "-chacha20", "-K", "0" * 64, "-iv", "0" * 32, "-in", _INPUT),
    ),
    Question(
        "openssl-rsa-1024",
        "an RSA key of 1024 bits",
        _BLOCKED,
        ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
    ),
    Question("openssl-x25519", "a key on X25519", _BLOCKED, ("genpkey", "-algorithm", "X25519")),
)
PYTHON: tuple[Question, ...] = (
    Question("python-mode", "Python's OpenSSL: get_fips_mode() is 1", _WORKS),
    Question("python-evp-sha256", "Python's OpenSSL: SHA-256", _WORKS),
    Question("python-evp-md5", "Python's OpenSSL: MD5", _BLOCKED),
    Question("python-tls-suites", "Python's TLS: no suite with ChaCha20", _WORKS),
    # CPython's own code answers, whatever the mode: "MD5 must fail" would be the wrong question.
    Question("python-builtin-md5", "Python's own MD5 (hashlib.md5)", _IS_SHOWN),
    Question("cryptography-mode", "the cryptography package: its OpenSSL", _WORKS),
    Question("cryptography-sha256", "the cryptography package: SHA-256", _WORKS),
    Question("cryptography-aes-gcm", "the cryptography package: AES-256-GCM", _WORKS),
    Question("cryptography-md5", "the cryptography package: MD5", _BLOCKED),
    Question("cryptography-x25519", "the cryptography package: a key on X25519", _BLOCKED),
    Question("cryptography-chacha20", "the cryptography package: ChaCha20-Poly1305", _BLOCKED),
    # Low-level calls go past the provider, so that this works: no proof of approved use alone.
    Question(
        "cryptography-rsa-1024", "the cryptography package: an RSA key of 1024 bits", _IS_SHOWN
    ),
)


def python_program() -> bytes:
    """Return the program for the image's Python."""
    place = resources.files("careen.cryptography").joinpath("data/probe_python.txt")
    return place.read_bytes()


def judged_openssl(question: Question, status: int | None, output: str, stage: str) -> FipsProbe:
    """Return what `openssl` answered; `status` None: it did not end."""
    said = " ".join(output.split())[-_SHOWN:]
    if question.name == "openssl-providers":
        is_on = bool(_FIPS.search(output)) and not _NO_DEFAULT.search(output)
        return _probe(question, said, passed=status == 0 and is_on, stage=stage)
    works = status == 0
    found = "works" if works else f"blocked: {said}" if status is not None else "did not end"
    passed = works if question.expected is Expected.WORKS else status not in (0, None)
    return _probe(question, found, passed=passed, stage=stage)


def judged_python(output: str, stage: str) -> Iterator[FipsProbe]:
    """Yield what Python answered; a question without an answer is not evaluable."""
    answers = dict(_answers(output))
    for question in PYTHON:
        answer = answers.get(question.name, "absent: no answer")
        yield _probe(question, answer, passed=_passed(question, answer), stage=stage)


def _answers(output: str) -> Iterator[tuple[str, str]]:
    for line in output.splitlines():
        if line.startswith(_MARK):
            name, _, answer = line.removeprefix(_MARK).partition("\t")
            yield name, answer[:_SHOWN]


_TEXTS: Mapping[str, re.Pattern[str]] = {
    "python-mode": re.compile("1"),
    "python-tls-suites": re.compile(r"[1-9]\d{0,5} suites, 0 with ChaCha20"),
    "cryptography-mode": re.compile(r"OpenSSL [\w. -]{1,80}, fips True"),
}


def _passed(question: Question, answer: str) -> bool | None:
    if question.expected is Expected.SHOWN or answer.startswith("absent"):
        return None
    if (text := _TEXTS.get(question.name)) is not None:
        return text.fullmatch(answer) is not None
    wanted = "works" if question.expected is Expected.WORKS else "blocked"
    return answer.partition(":")[0] == wanted


def _probe(question: Question, found: str, *, passed: bool | None, stage: str) -> FipsProbe:
    return FipsProbe(
        question.name, question.title, question.expected, found[:_SHOWN], passed, stage
    )
