"""The shop's front: a page, labels, and everything else by other programs or modules."""

import importlib
import json
import os
import subprocess
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

HERE = "/srv/press"
PROGRAMS = {
    "label": [f"{HERE}/frozen/label/label"],
    "stamp": [f"{HERE}/bin/stamp"],
    "route": [f"{HERE}/frozen/route.dist/route.bin"],
    "ledger": ["/usr/bin/python3", "-m", "ledger"],
    "press": ["/usr/bin/python3", "-m", "press"],
    "post": [f"{HERE}/bin/post"],
    "parcel": [f"{HERE}/bin/parcel"],
    "till": ["java", "-jar", f"{HERE}/till.jar"],
    "scale": ["/usr/local/bin/scale"],
    "gauge": ["/usr/local/bin/gauge"],
}


class Front(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        values = dict(parse_qsl(parts.query))
        try:
            status, text = 200, self.answer(parts.path, values)
        except Exception:
            traceback.print_exc()
            status, text = 500, traceback.format_exc().splitlines()[-1] + "\n"
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answer(self, path, values):
        if path == "/health":
            return "ok\n"
        if path == "/label":
            return f"[ {values['text']} ]\n"
        kind, _, name = path.strip("/").partition("/")
        if kind == "job":
            return importlib.import_module(f"jobs.{name}").work(**values)
        words = json.loads(values.get("words", "[]"))
        env = {**os.environ, "PEX_ROOT": "/tmp/pex", "SHIV_ROOT": "/tmp/shiv"}
        done = subprocess.run([*PROGRAMS[name], *words], capture_output=True, text=True, timeout=100, env=env, check=False)
        return f"{done.returncode}\n{done.stdout}{done.stderr[-2000:]}"


ThreadingHTTPServer(("", 8700), Front).serve_forever()
