"""The second look at an image reads none of its layers, and says the same."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Service
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.feeds import write_feeds
from tests.support.images import oci_layout
from tests.support.scanned_image import LAYER

READ = "inventorying"


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    oci_layout(tmp_path / "image", [LAYER])
    write_feeds(tmp_path / "feeds")
    command = Careen(tmp_path, NO_DAEMON)
    command("db", "import", "feeds")
    time.sleep(0.3)  # an image that was written this moment is not remembered
    return command


def scanned(careen: Careen, *words: str) -> tuple[Any, bool]:
    """Return the document without its time, and whether layers were read."""
    read = READ in careen("scan", "oci:image", *words).err
    document = careen("scan", "oci:image", "--json", *words).document
    return {name: value for name, value in document.items() if name != "created"}, read


def test_a_second_scan_says_the_same_and_reads_nothing(careen: Careen) -> None:
    uncached = scanned(careen, "--no-cache")
    assert uncached[1]
    assert not careen.cache.exists()
    first = scanned(careen)
    assert first == uncached
    assert scanned(careen) == (uncached[0], False)
    assert scanned(careen, "--no-cache") == uncached


def test_what_needs_a_files_content_opens_the_image_all_the_same(careen: Careen) -> None:
    documents = []
    for name in ("one.json", "two.json"):
        careen("scan", "oci:image", "-o", f"spdx={name}")
        documents.append(json.loads((careen.folder / name).read_text()))
    sums = [[item.get("checksums") for item in document["files"]] for document in documents]
    assert sums[0] == sums[1] != []


def test_a_layer_that_was_changed_is_found_by_its_digest(careen: Careen) -> None:
    careen("scan", "oci:image")
    blob = max(
        (careen.folder / "image" / "blobs" / "sha256").iterdir(),
        key=lambda path: path.stat().st_size,
    )
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    assert "oci:image" in careen.refused("scan", "oci:image")


def test_packages_and_vulnerabilities_are_explained_by_what_is_known(careen: Careen) -> None:
    assert READ in careen("why", "oci:image", "CVE-2024-1001").err
    assert READ not in careen("why", "oci:image", "CVE-2024-1001").err


@pytest.mark.docker
def test_what_would_be_upgraded_is_asked_without_the_image(
    in_docker: Service, tmp_path: Path
) -> None:
    write_feeds(tmp_path / "feeds")
    careen = Careen(tmp_path)
    careen("db", "import", "feeds")
    words = ("patch", in_docker.name("original"), "--dry-run", "--offline")
    assert READ in careen(*words).err
    assert READ not in careen(*words).err
    one, two = careen(*words, "--json", "--no-cache").document, careen(*words, "--json").document
    assert one["plan"]["blocked"] != []
    assert two["plan"] == one["plan"]
