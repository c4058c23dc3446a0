"""The web application."""

import configparser
import datetime
import json
import os
import subprocess
import traceback

from flask import Flask, Response, abort, jsonify, render_template, request
from flask_babel import Babel, format_currency, format_datetime, gettext
from flask_caching import Cache
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from shop.db import DEFAULT, Order, orders, prepare

cache = Cache()
settings = configparser.ConfigParser()
settings.read("/etc/shop/shop.ini")


def create_app():
    app = Flask(__name__)
    app.config.update(BABEL_TRANSLATION_DIRECTORIES="translations", CACHE_TYPE=os.environ.get("CACHE_TYPE", "SimpleCache"), CACHE_DIR="/tmp/shop-cache")
    cache.init_app(app)
    Babel(app, locale_selector=lambda: request.accept_languages.best_match(["en", "de", "ja"], "en"))
    engine = create_engine(os.environ.get("DATABASE_URL", DEFAULT))

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.get("/")
    def index():
        return render_template("index.html", rows=orders(engine), now=datetime.datetime(2026, 7, 1, 12), shown=format_datetime, price=format_currency)

    @app.post("/orders")
    def place():
        given = request.get_json()
        with Session(engine) as session:
            order = Order(who=given["who"], what=given["what"], price=float(given.get("price", 1)), at=datetime.datetime(2026, 7, 1, 12), note="")
            session.add(order)
            session.commit()
            return order.row(), 201

    @app.get("/orders/<int:number>")
    def one(number):
        with Session(engine) as session:
            return (session.get(Order, number) or abort(404)).row()

    @app.post("/checked")
    def checked():
        from shop.checks import check

        return jsonify(check(request.get_json(force=True)))

    @app.get("/report.<form>")
    def report(form):
        from shop import reports

        data, kind = reports.make(form, orders(engine))
        return Response(data, mimetype=kind)

    @app.get("/rendered/<form>")
    def rendered(form):
        words = [settings["reports"]["renderer"], *form.split("-")]
        done = subprocess.run(words, input=json.dumps(orders(engine)), text=True, capture_output=True)
        return Response(done.stdout or done.stderr, status=200 if done.returncode == 0 else 500, mimetype="text/plain")

    @app.get("/page")
    @cache.cached(query_string=True)
    def page():
        import markdown

        return markdown.markdown(request.args["text"], extensions=request.args.get("with", "tables").split(","))

    @app.get("/token")
    def token():
        from shop.secrets import tokens

        return jsonify(tokens(request.args.get("algorithm", "RS256")))

    @app.post("/jobs/<name>")
    def job(name):
        from shop.tasks import app as worker

        done = worker.send_task(f"shop.tasks.{name}", kwargs=request.get_json(silent=True) or {})
        return {"id": bool(done.id)}, 202

    @app.get("/boom")
    def boom():
        return {}["missing"]

    @app.errorhandler(404)
    def missing(error):
        return render_template("error.html", what=gettext("Nothing is here."), detail=""), 404

    @app.errorhandler(Exception)
    def broken(error):
        if getattr(error, "code", None):
            return error
        return render_template("error.html", what=type(error).__name__, detail=traceback.format_exc()), 500

    @app.cli.command("seed")
    def seed():
        """Invented customers."""
        from faker import Faker

        prepare(os.environ.get("DATABASE_URL"))
        fake = Faker(["de_DE", "ja_JP"])
        fake.seed_instance(1)
        with Session(engine) as session:
            session.add_all(Order(who=fake.name(), what=fake.word(), price=1, at=datetime.datetime(2026, 7, 1), note="") for _ in range(5))
            session.commit()
        print(f"{len(orders(engine))} orders")

    return app
