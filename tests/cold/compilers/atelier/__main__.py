"""POST /NAME: the service's ways to use its models."""

import importlib
import json
import signal
import sys
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer

WAYS = {
    "encode": ("encoder", "encode"),
    "encode-fast": ("encoder", "encode_fast"),
    "encode-flex": ("encoder", "encode_flex"),
    "denoise": ("denoiser", "denoise"),
    "denoise-fast": ("denoiser", "denoise_fast"),
    "train": ("training", "train"),
    "fit": ("fitting", "fit"),
    "fit-fast": ("fitting", "fit_fast"),
    "write": ("writer", "write"),
    "write-fast": ("writer", "write_fast"),
    "package": ("packing", "package"),
    "trace": ("packing", "trace"),
    "formula": ("formulas", "formula"),
    "kernel": ("formulas", "kernel"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {"status": "ok"})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        module, name = WAYS[self.path.strip("/")]
        try:
            self.answer(200, getattr(importlib.import_module(f"atelier.{module}"), name)(**asked))
        except Exception as error:
            traceback.print_exc()
            self.answer(500, {"error": f"{type(error).__name__}: {error}"[:2000]})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
importlib.import_module("atelier.encoder")
HTTPServer(("", 8710), Handler).serve_forever()
