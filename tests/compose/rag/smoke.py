"""The tests of the RAG service: what a profile sees."""

import json
import os
import unittest
import urllib.request

BASE = os.environ["BASE_URL"]


def call(path: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{BASE}{path}", data), timeout=30) as told:
        return json.load(told)


class Smoke(unittest.TestCase):
    def test_1_store(self) -> None:
        self.assertEqual(call("/documents", {"text": "bees make honey"}), {"id": 1})
        self.assertEqual(call("/documents", {"text": "ink is dark"}), {"id": 2})

    def test_2_ask(self) -> None:
        told = {"answer": "honey bees? bees make honey", "cached": False}
        self.assertEqual(call("/ask?q=honey+bees%3F"), told)

    def test_3_ask_again(self) -> None:
        self.assertTrue(call("/ask?q=honey+bees%3F")["cached"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
