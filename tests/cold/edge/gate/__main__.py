"""The gate's service: each job is a module that is imported when it is asked for."""

import importlib
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Gate(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        try:
            if parts.path == "/health":
                status, text = 200, "ok\n"
            else:
                module = importlib.import_module(f"gate.jobs.{parts.path.rpartition('/')[2]}")
                status, text = 200, module.work(**dict(parse_qsl(parts.query)))
        except Exception:
            traceback.print_exc()
            status, text = 500, traceback.format_exc().splitlines()[-1] + "\n"
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


ThreadingHTTPServer(("", 8750), Gate).serve_forever()
