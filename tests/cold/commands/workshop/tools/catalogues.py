from typing import Literal, get_args

from workshop.process import Refused, run

CATALOGUE = "msg" "fmt"
PAGES = "q" + "pdf"
Calculator = Literal["bc", "dc"]


def translate(name, arguments, given):
    return run({"catalogue": CATALOGUE, "pages": PAGES}[name], *arguments, given=given)


def calculate(name: Calculator, arguments, given):
    if name not in get_args(Calculator):
        raise Refused(name)
    return run(name, *arguments, given=given)
