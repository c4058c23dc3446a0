"""A small service of 2023: it renders pages, makes thumbnails, asks itself over HTTP, signs, and knows a model's configuration.

With RESAMPLE=ANTIALIAS it makes thumbnails by a name that Pillow 10 no longer has.
"""

import io
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import certifi
import jinja2
import requests
import urllib3
from cryptography.fernet import Fernet
from PIL import Image
from transformers import BertConfig

PAGE = jinja2.Environment(autoescape=True).from_string("<h1>Hello {{ name }}</h1>")
KEY = Fernet.generate_key()


def thumbnail() -> bytes:
    image = Image.new("RGB", (64, 64), "navy").resize((16, 16), getattr(Image, os.environ.get("RESAMPLE", "BICUBIC")))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Handler(BaseHTTPRequestHandler):
    def answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        words = {key: values[0] for key, values in parse_qs(url.query).items()}
        match url.path:
            case "/health":
                self.answer(200, b"ok")
            case "/page":
                self.answer(200, PAGE.render(name=words.get("name", "world")).encode(), "text/html")
            case "/thumbnail":
                self.answer(200, thumbnail(), "image/png")
            case "/self":
                own = f"http://127.0.0.1:{self.server.server_address[1]}/health"
                first = requests.get(own, timeout=5).text
                second = urllib3.PoolManager(ca_certs=certifi.where()).request("GET", own).data.decode()
                self.answer(200, f"{first} {second}".encode())
            case "/sign":
                box = Fernet(KEY)
                self.answer(200, box.decrypt(box.encrypt(words.get("text", "x").encode())))
            case "/model":
                self.answer(200, json.dumps(BertConfig(hidden_size=8, num_attention_heads=2).to_dict()).encode(), "application/json")
            case _:
                self.answer(404, b"nothing here")

    def log_message(self, *_: object) -> None:
        return


if __name__ == "__main__":
    server = ThreadingHTTPServer(("0.0.0.0", 8000), Handler)
    threading.Thread(target=server.serve_forever).start()
    print("serving", flush=True)
