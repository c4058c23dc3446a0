import dataclasses
from typing import NamedTuple

from workshop.process import Refused, run


class Store:
    program = "sqlite3"

    def start(self, arguments, given):
        return run(self.program, *arguments, given=given)


@dataclasses.dataclass
class Graph:
    layout: str = "dot"
    printer: str = dataclasses.field(default="gvpr")

    def start(self, arguments, given):
        return run(self.layout, *arguments, given=given)


class Listing(NamedTuple):
    lister: str = "tree"

    def start(self, arguments, given):
        return run(self.lister, *arguments, given=given)


KINDS = {"store": Store, "graph": Graph, "listing": Listing}


def keep(name, arguments, given):
    if name == "printer":
        return run(Graph().printer, *arguments, given=given)
    if name not in KINDS:
        raise Refused(name)
    return KINDS[name]().start(arguments, given)
