"""What the service must do: `python demo/test_demo.py`, with BASE_URL from careen. The standard
library is all that it needs.
"""

import json
import os
import unittest
import urllib.error
import urllib.request
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8080")
ASK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(path: str) -> bytes:
    with ASK.open(BASE_URL + path, timeout=60) as answer:
        body: bytes = answer.read()
    return body


def read_text(name: str, data: bytes) -> list[str]:
    mark = uuid.uuid4().hex
    body = (
        f"--{mark}\r\nContent-Disposition: form-data;"
        f' name="file"; filename="{name}"\r\n\r\n'.encode()
        + data
        + f"\r\n--{mark}--\r\n".encode()
    )
    request = urllib.request.Request(
        BASE_URL + "/read", body, {"Content-Type": f"multipart/form-data; boundary={mark}"}
    )
    with ASK.open(request, timeout=60) as answer:
        return [line["text"] for line in json.load(answer)["lines"]]


class Service(unittest.TestCase):
    def test_is_healthy(self) -> None:
        self.assertEqual(json.loads(get("/health")), {"status": "ok"})

    def test_reads_the_notice(self) -> None:
        lines = read_text("notice.png", (HERE / "notice.png").read_bytes())
        self.assertEqual(lines, ["CAREEN THE SHIP", "Scrape the barnacles", "Invoice 2024-117"])

    def test_an_empty_page_has_no_lines(self) -> None:
        self.assertEqual(read_text("empty.png", (HERE / "empty.png").read_bytes()), [])

    def test_refuses_what_is_no_image(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as refused:
            read_text("noise.bin", b"no image at all")
        self.addCleanup(refused.exception.close)
        self.assertEqual(refused.exception.code, 415)

    def test_counts_what_it_read(self) -> None:
        self.assertIn(b"ocr_lines_total", get("/metrics"))


if __name__ == "__main__":
    unittest.main()
