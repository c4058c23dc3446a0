"""POST /KIND/NAME with {"arguments": [...], "given": "..."} or {"base64": "..."} starts what NAME means to KIND."""

import base64
import json
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from workshop import configured
from workshop.process import Refused
from workshop.tools import archives, builders, catalogues, drawings, editors, history, looks, network, pictures, texts

KINDS = {
    "archive": archives.archive,
    "build": builders.build,
    "filter": texts.filtered,
    "fetch": network.fetch,
    "draw": pictures.draw,
    "history": history.recorded,
    "edit": editors.edit,
    "manage": editors.manage,
    "keep": drawings.keep,
    "translate": catalogues.translate,
    "calculate": catalogues.calculate,
    "watch": looks.watch,
    "check": looks.check,
    "table": looks.table,
    "sound": looks.sound,
    "digest": looks.digest,
    "describe": looks.describe,
    "preview": configured.preview,
    "text": configured.text,
    "setting": configured.setting,
    "limit": configured.limit,
    "convert": configured.convert,
    "job": configured.job,
    "hook": configured.hook,
    "section": configured.section,
    "variable": configured.variable,
    "step": configured.step,
    "stored": configured.stored,
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200 if self.path == "/health" else 404, {"status": "ok"})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        given = base64.b64decode(asked["base64"]) if "base64" in asked else asked.get("given", "").encode()
        _, kind, name = (self.path + "/").split("/", 2)
        try:
            status, output = KINDS[kind](name.strip("/"), asked.get("arguments", []), given)
        except (Refused, KeyError) as error:
            return self.answer(403, {"refused": str(error)})
        except (OSError, subprocess.SubprocessError) as error:
            return self.answer(500, {"error": str(error)})
        self.answer(200, {"status": status, "output": output})

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
ThreadingHTTPServer(("", 8700), Handler).serve_forever()
