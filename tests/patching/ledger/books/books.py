"""The books of 2024: the front of a ledger, and what it sends, signs and stores."""

import io
import urllib.request

import brotli
import cbor2
import eventlet
import eventlet.wsgi
import git
import h2.config
import h2.connection
import marshmallow
import mysql.connector
import socketio
import virtualenv
from aiosmtpd.smtp import Envelope
from bson import decode, encode
from flask import Flask, jsonify, request
from flask_cors import CORS
from google.protobuf import struct_pb2
from jwcrypto import jwk, jws
from pdfminer.high_level import extract_text

VAULT = "http://127.0.0.1:8002"
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 50]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 37>>stream
BT /F 12 Tf 9 9 Td (Balance) Tj ET   
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""
app = Flask("books")
CORS(app, origins=["https://ledger.example"])
sockets = socketio.Server(async_mode="eventlet")


class Entry(marshmallow.Schema):
    amount = marshmallow.fields.Int(required=True)


@app.get("/health")
def health():
    return "ok"


@app.get("/entry")
def entry():
    return jsonify(Entry().load({"amount": request.args["amount"]}))


@app.get("/store")
def store():
    packed = brotli.decompress(brotli.compress(cbor2.dumps({"a": 1})))
    message = struct_pb2.Struct()
    message["b"] = 2
    return f"{cbor2.loads(packed)['a']} {int(message['b'])} {decode(encode({'c': 3}))['c']}"


@app.get("/sign")
def sign():
    key = jwk.JWK.generate(kty="oct", size=256)
    token = jws.JWS(b"signed")
    token.add_signature(key, None, '{"alg": "HS256"}')
    back = jws.JWS()
    back.deserialize(token.serialize(), key)
    return back.payload


@app.get("/read")
def read():
    return extract_text(io.BytesIO(PDF)).strip()


@app.get("/tools")
def tools():
    connection = h2.connection.H2Connection(h2.config.H2Configuration())
    connection.initiate_connection()
    envelope = Envelope()
    return " ".join(
        [
            connection.data_to_send()[:3].decode(),
            str(len(envelope.rcpt_tos)),
            git.Actor("A", "a@ledger.example").name,
            mysql.connector.paramstyle,
            str(int(virtualenv.__version__.split(".")[0]) >= 20),
        ]
    )


@app.route("/vault/<path:what>", methods=["GET", "POST"])
def vault(what):
    headers = {"Content-Type": request.content_type} if request.content_type else {}
    body = request.get_data() or None
    with urllib.request.urlopen(urllib.request.Request(f"{VAULT}/{what}", body, headers), timeout=20) as answer:
        return answer.read()


eventlet.wsgi.server(eventlet.listen(("0.0.0.0", 8080)), socketio.WSGIApp(sockets, app), log_output=False)
