"""Texts that look like secrets to a scanner, put together here so that no file of the project has
one.
"""

import random

AWS = "AK" + "IA" + "Z7QK3WJ5N2VTXB4M"
GITHUB = "gh" + "p_" + "a8Fk2LmQ9xRt4Vw7Zc1Yb6Nd3Hs5Jp0GuEoT"
HUGGING_FACE = "h" + "f_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZabCdEfGh"
VALUES = (AWS, GITHUB, HUGGING_FACE)


def private_key() -> str:
    """Return what looks like a private key, and is noise."""
    noise = random.Random(24)  # noqa: S311 — no key
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    lines = ["".join(noise.choices(alphabet, k=64)) for _ in range(24)]
    first, last = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return "\n".join((first, *lines, last, ""))
