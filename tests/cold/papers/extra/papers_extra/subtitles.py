"""Subtitles, as a video's words come."""

import re


def read(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    text = str(from_bytes(data).best())
    return "\n".join(line for line in text.splitlines() if line and "-->" not in line and not re.fullmatch(r"WEBVTT|\d+", line))
