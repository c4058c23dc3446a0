from workshop.process import Refused, run

CHAIN = [
    "gcc",
    "ld",
    "make",
]


def build(name, arguments, given):
    for tool in CHAIN:
        if tool == name:
            return run(tool, *arguments, given=given)
    raise Refused(name)
