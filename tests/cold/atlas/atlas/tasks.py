"""What a request may ask for by name."""
import os
import subprocess

LONG = 60


def _run(argv, body=None):
    done = subprocess.run(argv, input=body, capture_output=True, timeout=LONG, check=False)
    return done.stdout + (done.stderr[-600:] if done.returncode else b"") + f"[{done.returncode}]\n".encode()


def prolog(body, settings, goal="ancestor(anna,X)", more=""):
    return _run(["swipl", "-q", *more.split(), "-g", "answer(" + "'" + goal.replace("'", "\\'") + "')", "-t", "halt", os.path.join(settings["atlas.rules"], "kin.pl")], body)


def rapper(body, settings, read="turtle", write="ntriples"):
    return _run(["rapper", "-q", "-i", read, "-o", write, "-", "urn:base"], body)


def roqet(body, settings, query="", write="json"):
    with open("/tmp/asked.ttl", "wb") as file:
        file.write(body)
    return _run(["roqet", "-q", "-r", write, "-D", "/tmp/asked.ttl", "-e", query])


def rdfproc(body, settings, storage="hashes", write="ntriples", name="/tmp/asked"):
    more = ["-n"] if storage != "memory" else []
    with open("/tmp/asked.ttl", "wb") as file:
        file.write(body)
    first = _run(["rdfproc", *more, "-s", storage, name, "parse", "/tmp/asked.ttl", "turtle", "urn:base"])
    return first + _run(["rdfproc", "-s", storage, name, "serialize", write])


def solve(body, settings, model="colour", solver="gecode", more="-D n=5;"):
    return _run(["minizinc", "--solver", solver, *more.split("|"), os.path.join(settings["atlas.rules"], f"{model}.mzn")])


def clasp(body, settings, n="0"):
    return _run(["sh", "-c", "gringo --text " + os.path.join(settings["atlas.rules"], "plan.lp") + " | wc -l"])


def transform(body, settings, how="xsltproc"):
    sheet = os.path.join(settings["atlas.rules"], "people.xsl")
    if how == "xsltproc":
        return _run(["xsltproc", sheet, "-"], body)
    from lxml import etree

    return str(etree.XSLT(etree.parse(sheet))(etree.fromstring(body)))


def valid(body, settings, kind="xsd", by="lxml"):
    place = os.path.join(settings["atlas.shapes"], f"order.{kind}")
    if by == "xmlschema":
        import xmlschema

        return [error.reason for error in xmlschema.XMLSchema11(place).iter_errors(body.decode())]
    if by == "xmllint":
        with open("/tmp/order.xml", "wb") as file:
            file.write(body)
        return _run(["xmllint", "--noout", {"xsd": "--schema", "rng": "--relaxng", "sch": "--schematron"}[kind], place, "/tmp/order.xml"])
    from lxml import etree, isoschematron

    judge = {"xsd": etree.XMLSchema, "rng": etree.RelaxNG}.get(kind)
    judge = judge(etree.parse(place)) if judge else isoschematron.Schematron(etree.parse(place), store_report=True)
    document = etree.fromstring(body)
    return judge.validate(document)


def number(body, settings, country="nl", kind="vat", value=""):
    import stdnum

    module = stdnum.get_cc_module(country, kind)
    return f"{module.__name__} {module.is_valid(value)} {getattr(module, 'format', module.compact)(value)}"


def parts(body, settings, module="isbn", value=""):
    import importlib

    module = importlib.import_module(f"stdnum.{module}")
    return "|".join(module.split(value)) if hasattr(module, "split") else module.info(value)


def days(body, settings, country="DE", year="2026", part=None, language=None):
    import holidays

    found = holidays.country_holidays(country, subdiv=part, years=int(year), language=language)
    return f"{len(found)} {min(found.items())}"


def market(body, settings, name="XNYS", year="2026"):
    import holidays

    return sorted(holidays.financial_holidays(name, years=int(year)).items())[0]


def words(body, settings, n="42", language="en", to="cardinal", **more):
    from num2words import num2words

    return num2words(n, lang=language, to=to, **more)


def linked(body, settings, how="expand"):
    import json

    from pyld import jsonld

    document = json.loads(body)
    if how == "normalize":
        return jsonld.normalize(document, {"algorithm": "URDNA2015", "format": "application/n-quads"})
    if how == "frame":
        return json.dumps(jsonld.frame(document, {"@type": "urn:t"}), sort_keys=True)
    return json.dumps(getattr(jsonld, how)(document, *([{}] if how == "compact" else [])), sort_keys=True)


def oxigraph(body, settings, read="TURTLE", write="N_TRIPLES"):
    import pyoxigraph as ox

    store = ox.Store()
    store.load(body, format=getattr(ox.RdfFormat, read), base_iri="urn:base")
    return store.dump(format=getattr(ox.RdfFormat, write), **({"from_graph": ox.DefaultGraph()} if not getattr(ox.RdfFormat, write).supports_datasets else {}))


def vocabulary(body, settings, name="SKOS", term="Concept"):
    import rdflib.namespace

    return getattr(rdflib.namespace, name)[term]


def fetched(body, settings, at="", format=None):
    import rdflib

    return len(rdflib.Graph().parse(at, format=format))
