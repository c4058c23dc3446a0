"""The images of `careen harden --split` beside one image for all."""

import json
from dataclasses import replace

from careen.report.views.split import print_split, split_json
from tests.support.screens import drawn
from tests.support.summaries import SUMMARY

SMALL = replace(SUMMARY, workloads=("serve", "batch\x1b[31m"))
LARGE = replace(
    SUMMARY, workloads=("train",), hardened=replace(SUMMARY.hardened, size_bytes=3_000_000_000)
)


def test_each_image_is_compared_with_one_for_all() -> None:
    text = drawn(lambda console: print_split(console, [SMALL, LARGE], 2_000_000_000), 100)
    lines = [" ".join(line.split()) for line in text.split("What each costs")[1].splitlines()]
    assert r"serve, batch\x1b[31m 1.02 GB −49.0 %" in lines  # noqa: RUF001
    assert "train 3.00 GB +50.0 %" in lines
    assert "one image for all 2.00 GB" in lines
    assert "\x1b" not in text


def test_the_document_has_both_summaries_and_the_size_of_one_for_all() -> None:
    document = json.loads(split_json([SMALL, LARGE], 2_000_000_000))
    assert (document["format"], document["version"]) == ("careen-split", 1)
    assert document["together_bytes"] == 2_000_000_000
    assert [each["workloads"] for each in document["images"]] == [
        ["serve", "batch\x1b[31m"],
        ["train"],
    ]
