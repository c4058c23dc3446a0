from workshop.process import Refused, run

ALLOWED = frozenset(("curl", "wget", "ping"))


def fetch(name, arguments, given):
    if not ALLOWED & {name}:
        raise Refused(name)
    return run(name, *arguments, given=given)
