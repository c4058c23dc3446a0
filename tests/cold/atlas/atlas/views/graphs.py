import json
import subprocess

from pyramid.response import Response
from pyramid.view import view_config

from atlas.store import GRAPH


def text(value, kind="text/plain"):
    return Response(value if isinstance(value, bytes) else str(value).encode(), content_type=kind, charset="utf-8")


@view_config(route_name="load", request_method="POST", renderer="json")
def load(request):
    GRAPH.parse(data=request.body, format=request.params.get("format", "turtle"), publicID="urn:posted")
    return {"statements": len(GRAPH)}


@view_config(route_name="dump")
def dump(request):
    import rdflib

    graph = rdflib.Graph()
    for triple in GRAPH.triples((None, None, None)):
        graph.add(triple)
    form = request.params.get("format", "turtle")
    if form in ("trig", "trix", "nquads", "hext", "patch"):
        kept = rdflib.Dataset()
        for triple in graph:
            kept.add(triple)
        graph = kept
    return text(graph.serialize(format=form, **({"operation": "add"} if form == "patch" else {})))


@view_config(route_name="query", request_method="POST")
def query(request):
    answer = GRAPH.query(request.text)
    form = request.params.get("as", "json")
    return text(answer.serialize(format=form) if form != "update" else "")


@view_config(route_name="check")
def check(request):
    import os

    import pyshacl

    shapes = os.path.join(request.registry.settings["atlas.shapes"], "person.ttl")
    conforms, _, told = pyshacl.validate(_plain(), shacl_graph=shapes, inference=request.params.get("inference", "none"), advanced="advanced" in request.params, meta_shacl="meta" in request.params)
    return text(f"{conforms} {told.count('Constraint Violation in')}\n")


def _plain():
    import rdflib

    graph = rdflib.Graph()
    for triple in GRAPH.triples((None, None, None)):
        graph.add(triple)
    return graph


@view_config(route_name="reason", renderer="json")
def reason(request):
    import owlrl

    graph = _plain()
    before = len(graph)
    owlrl.DeductiveClosure(getattr(owlrl, request.params.get("by", "RDFS_Semantics"))).expand(graph)
    return {"added": len(graph) > before}


@view_config(route_name="graph")
def graph(request):
    import io

    import networkx

    made = networkx.karate_club_graph() if request.params.get("of") == "club" else networkx.Graph([(str(s), str(o)) for s, _, o in GRAPH.triples((None, None, None))])
    form = request.matchdict["form"]
    if form in ("json", "cytoscape", "tree", "adjacency"):
        module = networkx.readwrite.json_graph
        maker = getattr(module, {"json": "node_link_data"}.get(form, f"{form}_data"))
        return text(json.dumps(maker(made), default=str)[:200], "application/json")
    out = io.BytesIO()
    getattr(networkx, f"write_{form}")(made, out)
    return text(out.getvalue())


@view_config(route_name="near", renderer="json")
def near(request):
    from atlas.meaning import model

    vectors = model().encode([request.params["a"], request.params["b"]])
    return {"near": round(float(vectors[0] @ vectors[1]), 4)}


@view_config(route_name="task")
def task(request):
    from atlas import tasks

    return text(getattr(tasks, request.matchdict["name"])(request.body, request.registry.settings, **request.GET))


@view_config(route_name="graphql", renderer="json")
def graphql(request):
    from atlas.schema import schema

    answer = schema.execute(request.params["query"])
    return {"data": answer.data, "errors": [str(error)[:120] for error in answer.errors or ()]}
