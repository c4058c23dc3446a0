"""The service."""
import importlib
import importlib.metadata
import io
import logging
import traceback

from flask import Flask, Response, jsonify, render_template, request
from sqlalchemy import Float, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tabular import models

TYPES = {"csv": "text/csv", "png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


class Base(DeclarativeBase):
    pass


class Score(Base):
    __tablename__ = "scores"
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(40))
    value: Mapped[float] = mapped_column(Float)


def create_app(database="sqlite:////tmp/scores.db"):
    app = Flask(__name__)
    engine = create_engine(database)
    log = logging.getLogger("tabular")

    def prepare():
        from sqlalchemy.exc import OperationalError

        try:
            Base.metadata.create_all(engine)
        except OperationalError as error:  # the other worker was first
            log.info("tables: %s", error)

    prepare()

    @app.get("/health")
    def health():
        return jsonify(status="ok")

    @app.post("/predict/<name>")
    def predict(name):
        values = models.predict(name, request.get_json()["rows"])
        with Session(engine) as session:
            session.add_all(Score(model=name, value=value) for value in values)
            session.commit()
        return jsonify(values=values)

    @app.post("/registered/<name>")
    def registered(name):
        return jsonify(values=models.registered(name, request.get_json()["rows"]))

    @app.get("/scores")
    def scores():
        with Session(engine) as session:
            rows = session.scalars(select(Score).order_by(Score.id.desc()).limit(20)).all()
        return render_template("scores.html", rows=rows)

    @app.post("/convert/<source>/<target>")
    def convert(source, target):
        from tabular import tables

        frame = tables.read(request.get_data(), source, **request.args)
        return Response(tables.write(frame, target, **request.args), mimetype=TYPES.get(target, "application/octet-stream"))

    @app.post("/describe")
    def describe():
        import pandas as pd

        frame = pd.read_csv(io.BytesIO(request.get_data()), encoding=request.args.get("encoding", "utf-8"))
        return Response(frame.describe(include="all").to_csv(), mimetype="text/csv")

    @app.get("/letter.pdf")
    def letter():
        from weasyprint import HTML

        return Response(HTML(string=render_template("scores.html", rows=[]) + f"<h1 style='font-family: {request.args.get('font', 'serif')}'>Größe 日本</h1>").write_pdf(), mimetype="application/pdf")

    @app.get("/tree.<form>")
    def tree(form):
        import graphviz
        from sklearn.tree import export_graphviz

        (forest,) = [model.__self__ for model in (models.predictor("forest"),)]
        source = graphviz.Source(export_graphviz(forest.estimators_[0], max_depth=2, out_file=None), engine=request.args.get("engine", "dot"))
        return Response(source.pipe(format=form), mimetype=TYPES.get(form, "application/octet-stream"))

    @app.get("/units/<name>")
    def units(name):
        import pkgutil

        found = [importlib.import_module(item.name) for item in pkgutil.iter_modules() if item.name.startswith("tabular_units_")]
        return jsonify({unit.NAME: unit.convert(request.args["value"]) for unit in found if unit.NAME == name})

    @app.get("/words/<int:number>")
    def words(number):
        import sys

        for place in ("/srv/wording.zip", "/srv/closed"):
            if place not in sys.path:
                sys.path.append(place)
        try:
            return jsonify(words=importlib.import_module("wording").words(number), short=importlib.import_module("secret_sauce").readable(number))
        finally:
            sys.path[:] = [place for place in sys.path if place not in ("/srv/wording.zip", "/srv/closed")]

    @app.get("/chart.<form>")
    def chart(form):
        from tabular import charts

        return Response(charts.draw(form, **request.args), mimetype=TYPES.get(form, "application/octet-stream"))

    @app.post("/train")
    def train():
        from tabular import training

        return jsonify(training.train(**request.get_json()))

    @app.post("/analyse/<what>")
    def analyse(what):
        from tabular import analysis

        return Response(analysis.run(what, request.get_json(silent=True) or {}), mimetype="text/plain")

    @app.post("/metric/<name>")
    def metric(name):
        (point,) = importlib.metadata.entry_points(group="tabular.metrics", name=name)
        asked = request.get_json()
        return jsonify(value=round(point.load()(asked["truth"], asked["scores"]), 4))

    @app.post("/mail")
    def mail():
        from tabular import letters

        return Response(letters.send(**request.get_json()), mimetype="message/rfc822")

    @app.post("/operate/<what>")
    def operate(what):
        from tabular import operations

        return Response(operations.run(what, request.get_json(silent=True) or {}), mimetype="text/plain")

    @app.errorhandler(LookupError)
    def missing(error):
        return render_template("error.html", title="no such thing", detail=str(error)), 404

    @app.errorhandler(Exception)
    def broken(error):
        if hasattr(error, "get_response"):
            return error
        log.exception("broken")
        return render_template("error.html", title=type(error).__name__, detail=traceback.format_exc()), 500

    return app
