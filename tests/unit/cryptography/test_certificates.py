"""`validated` needs name, version, build, status and environment; anything less is a lower rung."""

import datetime as dt
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from careen.cryptography.certificates import age_words, load_certificates
from careen.cryptography.standing import Judge
from careen.errors import ConfigError
from careen.model.cryptography.module import Standing
from tests.support import crypto_images as made
from tests.support.elf_bytes import elf

BUILD = hashlib.sha256(made.provider("3.1.2")).hexdigest()


def written(tmp_path: Path, **change: str) -> Path:
    """Write a list with one certificate."""
    values = {
        "number": "4985",
        "kind": '"openssl-fips"',
        "module": '"OpenSSL FIPS Provider"',
        "vendor": '"The OpenSSL Project"',
        "versions": '["3.1.2"]',
        "standard": '"FIPS 140-3"',
        "status": '"active"',
        "sunset": "2030-03-10",
        "builds": f'["{BUILD}"]',
        "environments": '["Debian 12 on x86-64"]',
        "source": '"https://example.com/4985"',
        "checked": "2026-11-01",
        **change,
    }
    rows = "\n".join(f"{key} = {value}" for key, value in values.items() if value)
    path = tmp_path / "certificates.toml"
    path.write_text(f"format = 1\ndate = 2026-11-01\n[[certificate]]\n{rows}\n")
    return path


def rung(tmp_path: Path, version: str = "3.1.2", **change: str) -> tuple[Standing, int | None]:
    known = load_certificates(written(tmp_path, **change), made.TODAY)
    root = made.fips_root(provider=made.provider(version))
    found = made.by_path(
        made.inspect(root, made.CONF_AND_MODULES, known), f"{made.MODULES}/fips.so"
    )
    return found.standing, found.certificate.number if found.certificate else None


def test_validated_needs_everything(tmp_path: Path) -> None:
    assert rung(tmp_path) == (Standing.VALIDATED, 4985)


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"builds": "[]"}, Standing.VENDOR_AFFIRMED),
        ({"builds": f'["{"0" * 64}"]'}, Standing.VENDOR_AFFIRMED),
        ({"environments": "[]"}, Standing.VENDOR_AFFIRMED),
        ({"status": '"historical"'}, Standing.ACTIVE),
        ({"sunset": "2026-11-29"}, Standing.ACTIVE),
        ({"standard": '"FIPS 140-2"', "sunset": ""}, Standing.ACTIVE),
    ],
)
def test_less_is_a_lower_rung(tmp_path: Path, change: dict[str, str], standing: Standing) -> None:
    assert rung(tmp_path, **change) == (standing, 4985)


def test_another_version_has_no_certificate(tmp_path: Path) -> None:
    assert rung(tmp_path, "3.5.9") == (Standing.ACTIVE, None)
    assert rung(tmp_path, kind='"aws-lc-fips"') == (Standing.ACTIVE, None)


def test_own_list_calls_nothing_validated() -> None:
    known = load_certificates(None, made.TODAY)
    assert {each.number for each in known.certificates} >= {4985, 4816, 5247}
    assert [each for each in known.certificates if each.builds] == []
    old = known.number(4282)
    assert old is not None
    assert not old.is_active(made.TODAY)
    assert "list of 2026-03-29 (246 days old)" in age_words(known, made.TODAY)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"number": "0"}, "expected the number of a certificate"),
        ({"number": "true"}, "expected the number of a certificate"),
        ({"status": '"valid"'}, "expected active, historical or revoked"),
        ({"builds": '["abc"]'}, "expected a SHA-256 digest"),
        ({"checked": "2026-12-01"}, "2026-12-01 is in the future (today is 2026-11-30)"),
        ({"checked": ""}, "expected the date on which this was checked"),
        ({"vendor": ""}, "expected a text"),
        ({"surprise": "1"}, "surprise"),
    ],
)
def test_wrong_list_is_one_clear_line(
    tmp_path: Path, change: dict[str, str], complaint: str
) -> None:
    path = written(tmp_path, **change)
    with pytest.raises(ConfigError) as raised:
        load_certificates(path, made.TODAY)
    assert str(raised.value).startswith(f"{path}:")
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


def test_other_format_and_a_number_twice(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text()
    path.write_text(text.replace("format = 1", "format = 2"))
    with pytest.raises(ConfigError, match="reads lists of certificates of format 1"):
        load_certificates(path, made.TODAY)
    row = text[text.index("[[certificate]]") :]
    path.write_text(text + row)
    with pytest.raises(ConfigError, match="certificate 4985 is there twice"):
        load_certificates(path, made.TODAY)


def test_sunset_ends_a_certificate_on_its_day() -> None:
    known = load_certificates(None, made.TODAY)
    certificate = known.number(4985)
    assert certificate is not None
    assert certificate.is_active(dt.date(2030, 3, 10))
    assert not certificate.is_active(dt.date(2030, 3, 11))


def test_certificates_that_fit_alike_are_all_named() -> None:
    text = b"aws_lc_fips_0_13_10_BN_is_odd(n)\0AWS-LC FIPS 2.0.0\0"
    module = replace(
        made.modules({"/opt/a.so": elf({".rodata": made.PADDING + text + made.PADDING})})[0],
        version="2.0.0",
    )
    known = load_certificates(None, made.TODAY)
    found = Judge(known, made.TODAY).judge(module, provider_used=False)
    assert (found.standing, found.certificate) == (Standing.VENDOR_AFFIRMED, None)
    assert "4759 (" in found.reason
    assert "4816 (" in found.reason
    assert "does not say that anybody affirms it" in found.reason


def test_certificate_that_the_user_states_is_the_one_of_the_provider(tmp_path: Path) -> None:
    path = written(tmp_path)
    row = path.read_text().partition("[[certificate]]")[2].replace("4985", "4000")
    path.write_text(f"{path.read_text()}[[certificate]]{row}")
    known = load_certificates(path, made.TODAY)
    module = replace(made.modules({"/fips.so": made.provider("3.1.2")})[0])
    for stated in (4000, 4985):
        found = Judge(known, made.TODAY, stated).judge(module, provider_used=True)
        assert found.certificate is not None
        assert found.certificate.number == stated
