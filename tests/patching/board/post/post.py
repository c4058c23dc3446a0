"""The posts of a notice board of 2022: texts, names and signatures, as JSON."""

import io
from urllib.parse import parse_qs

import django
import git
import joblib
import jose.jwt
import marshmallow
import mistune
import paramiko
import ujson
from authlib.jose import jwt as authlib_jwt
from bson import decode, encode
from django.conf import settings
from django.template import Context, Engine
from grpc import StatusCode
from markdown import markdown
from OpenSSL import crypto
from rest_framework import serializers
from twisted.internet import reactor
from twisted.web.server import Site
from twisted.web.wsgi import WSGIResource

settings.configure(USE_I18N=False)
django.setup()
PAGE = Engine().from_string("<h1>{{ title }}</h1>{% for post in posts %}<p>{{ post|truncatewords:2 }}</p>{% endfor %}")


class Post(serializers.Serializer):
    title = serializers.CharField(max_length=10)


class Author(marshmallow.Schema):
    name = marshmallow.fields.Str(required=True)


def health(query):
    return "ok"


def page(query):
    return PAGE.render(Context({"title": query["title"][0], "posts": ["one two three", "four"]}))


def text(query):
    return markdown("**bold**") + mistune.html("*soft*").strip()


def check(query):
    post = Post(data={"title": query["title"][0]})
    return ujson.dumps({"valid": post.is_valid(), "author": Author().load({"name": "A"})["name"]})


def sign(query):
    one = jose.jwt.decode(jose.jwt.encode({"sub": "one"}, "key", algorithm="HS256"), "key", algorithms=["HS256"])["sub"]
    two = authlib_jwt.decode(authlib_jwt.encode({"alg": "HS256"}, {"sub": "two"}, b"key"), b"key")["sub"]
    return f"{one} {two}"


def keys(query):
    key = crypto.PKey()
    key.generate_key(crypto.TYPE_RSA, 2048)
    return f"{paramiko.RSAKey.generate(2048).get_name()} {key.bits()} {StatusCode.OK.name}"


def data(query):
    store = io.BytesIO()
    joblib.dump({"a": 1}, store)
    store.seek(0)
    return f"{joblib.load(store)['a']} {decode(encode({'b': 2}))['b']} {git.Actor('A', 'a@board.example').name}"


ANSWERS = {f"/{each.__name__}": each for each in (health, page, text, check, sign, keys, data)}


def app(environ, start_response):
    answer = ANSWERS[environ["PATH_INFO"]](parse_qs(environ["QUERY_STRING"]))
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [answer.encode()]


reactor.listenTCP(8001, Site(WSGIResource(reactor, reactor.getThreadPool(), app)), interface="127.0.0.1")
reactor.run()
