from workshop.process import Refused, run

FILTERS = ("gawk", "m4", "patch")


def filtered(name, arguments, given):
    try:
        tool = FILTERS[FILTERS.index(name)]
    except ValueError:
        raise Refused(name) from None
    return run(tool, *arguments, given=given)
