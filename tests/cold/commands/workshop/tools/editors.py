import enum

from workshop.process import Refused, run


class Editor(enum.Enum):
    LINES = "ed"
    SCREEN = "nano"


class Manager(enum.StrEnum):
    PYTHON = "pip3"
    SYSTEM = "dpkg-query"
    SOURCES = "apt-cache"


def edit(name, arguments, given):
    return _run(Editor, name, arguments, given)


def manage(name, arguments, given):
    return _run(Manager, name, arguments, given)


def _run(kind, name, arguments, given):
    try:
        tool = kind[name.upper()]
    except KeyError:
        raise Refused(name) from None
    return run(tool.value, *arguments, given=given)
