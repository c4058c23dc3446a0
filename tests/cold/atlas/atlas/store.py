import rdflib

GRAPH = rdflib.Dataset(default_union=True)
