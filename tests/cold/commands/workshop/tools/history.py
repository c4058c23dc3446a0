from workshop.process import Refused, run

ASKED_BY = {"git": ("rev-parse", "--is-inside-work-tree"), "hg": ("version", "-q"), "rlog": ("-V",)}


def recorded(name, arguments, given):
    if name not in ASKED_BY:
        raise Refused(name)
    return run(name, *(arguments or ASKED_BY[name]), given=given)
