from workshop.process import Refused, run

BY_ACTION = {
    "pages": "pdftoppm",
    "print": "gs",
    "turn": "jpegtran",
}


def draw(action, arguments, given):
    if (tool := BY_ACTION.get(action)) is None:
        raise Refused(action)
    return run(tool, *arguments, given=given)
