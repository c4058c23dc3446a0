"""A service that uses both OpenSSLs of its image: Python's, and that of the cryptography wheel."""

import hashlib
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        digest = hashlib.new("sha256", self.path.encode()).digest()
        body = AESGCM(bytes(32)).encrypt(bytes(12), digest, None).hex().encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
HTTPServer(("", 8000), Handler).serve_forever()
