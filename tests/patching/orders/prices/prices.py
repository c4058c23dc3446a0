"""The prices of a small shop of 2022, as JSON."""

import io

import jwt
import sqlparse
import yaml
from babel.numbers import format_currency
from flask import Flask, jsonify, request
from google.protobuf import json_format, struct_pb2
from lxml import etree
from mako.template import Template
from oauthlib.common import generate_token

PRICES = yaml.safe_load("{pen: 2.5, ink: 7.25}")
app = Flask("prices")


@app.route("/health")
def health():
    return "ok"


@app.route("/price")
def price():
    name = request.args.get("name", "pen")
    return jsonify(name=name, price=PRICES[name], shown=format_currency(PRICES[name], "EUR", locale="en_GB"))


@app.route("/parts")
def parts():
    tree = etree.parse(io.BytesIO(b"<list><part>nib</part></list>"))
    message = json_format.ParseDict({"a": 1}, struct_pb2.Struct())
    token = jwt.decode(jwt.encode({"sub": "me"}, "key", algorithm="HS256"), "key", algorithms=["HS256"])["sub"]
    query = sqlparse.format("select 1 from parts", keyword_case="upper")
    return " ".join([tree.findtext("part"), str(int(message["a"])), token, query, Template("${x}").render(x="mako"), str(len(generate_token()))])
