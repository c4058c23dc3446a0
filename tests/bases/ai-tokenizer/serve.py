import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file("/model/tokenizer.json")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        text = parse_qs(urlsplit(self.path).query)["text"][0]
        body = json.dumps(tokenizer.encode(text).tokens).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
