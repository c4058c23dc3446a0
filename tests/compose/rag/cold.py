"""What the service does rarely: cases that only verify."""

import io
import os
import unittest
import urllib.error
import urllib.request
import zipfile

BASE = os.environ["BASE_URL"]


def fetch(path: str, body: bytes | None = None) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(f"{BASE}{path}", body), timeout=30) as told:
        return told.read()


class Cold(unittest.TestCase):
    def setUp(self) -> None:
        fetch("/documents", b'{"text": "bees, and honey"}')

    def test_export(self) -> None:
        self.assertIn(b'"bees, and honey"\n', fetch("/export.csv"))

    def test_archive(self) -> None:
        with zipfile.ZipFile(io.BytesIO(fetch("/export.zip"))) as packed:
            self.assertIn(b"honey", packed.read("documents.csv"))

    def test_the_database_refuses(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            fetch("/broken")
        self.assertEqual(caught.exception.read(), b'{"error": "UndefinedTable"}')

    def test_not_a_document(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            fetch("/documents", b"[]")
        self.assertEqual(caught.exception.code, 400)


if __name__ == "__main__":
    unittest.main(verbosity=2)
