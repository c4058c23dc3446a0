"""The service."""

import json
from pathlib import Path

from bottle import Bottle, abort, mako_template, request, response, static_file, template, TEMPLATE_PATH

from station import voices

PAGES = Path(__file__).parent / "pages"
TEMPLATE_PATH.insert(0, str(PAGES))
app = Bottle()


@app.error(500)
def failed(error):
    response.content_type = "text/plain"
    one = error.exception
    return f"{type(one).__name__}: {one}"[:150]


@app.error(404)
def missing(error):
    return template("on", title=error.status)


def _json(value):
    response.content_type = "application/json"
    return json.dumps(value, ensure_ascii=False) + "\n"


@app.get("/health")
def health():
    return "ok"


@app.get("/say/<name>")
def say(name):
    response.content_type = "audio/wav"
    return voices.voice(name).say(request.query.text, request.query.language)


@app.post("/convert/<target>")
def convert(target):
    from station.chains import convert

    made = convert(request.body.read(), target, **({"codec": request.query.codec} if request.query.codec else {}))
    return _json([target, len(made) > 200, made[:4].hex()])


@app.post("/chain/<name>")
def chain(name):
    from station.chains import through

    return through(name, request.body.read())


@app.post("/effect/<name>")
def effect(name):
    from station.chains import effect

    return _json(effect(request.body.read(), name, *request.query.getall("v")))


@app.post("/measure/<name>")
def measure(name):
    from station.measures import measure

    return _json(measure(name, request.body.read()))


@app.post("/tags/<kind>")
def tags(kind):
    from station import tags

    path = f"/tmp/tagged.{kind}"
    tags.make(kind, path, request.body.read())
    return _json([tags.write(path, "tea ü"), tags.read(path)])


@app.post("/captions/<source>/<target>")
def captions(source, target):
    from station.captions import captions

    return captions(request.body.read().decode(), source, target)


@app.get("/spell/<language>/<number>")
def spell(language, number):
    from station.captions import spell

    return spell(number, language, request.query.to or "cardinal")


@app.get("/split/<language>/<word>")
def split(language, word):
    from station.captions import split

    return split(word, language)


@app.get("/name/<code>/<of>")
def name(code, of):
    from station.captions import name

    return _json(name(code, of))


@app.get("/phonemes/<backend>/<language>")
def phonemes(backend, language):
    from station.captions import phonemes

    return _json(phonemes(request.query.text, backend, language))


@app.get("/play/<by:path>")
def play(by):
    from station.music import play

    return _json(play(by))


@app.get("/feed/<kind>")
def feed(kind):
    from station.feeds import feed

    return feed(kind, request.query.getall("with"))


@app.post("/read")
def read():
    from station.feeds import read

    return _json(read(request.body.read()))


@app.get("/find/<by>")
def find(by):
    from station.feeds import find

    return _json(find(by, request.query.url))


@app.get("/calendar/<zone:path>")
def calendar(zone):
    from station.calendar import ics

    return ics(zone, request.query.at)


@app.get("/day/<language>")
def day(language):
    from station.calendar import day

    return day(language, request.query.at)


@app.get("/page/<kind>/<name>")
def page(kind, name):
    if kind == "mako":
        return mako_template(name, title=request.query.title)
    if kind == "plain":
        return template(name, title=request.query.title)
    if kind == "file":
        return static_file(name, root=str(PAGES))
    abort(404, f"no pages of kind {kind}")
