"""Of pylsp: a word that nobody wants."""
from pylsp import hookimpl


@hookimpl
def pylsp_lint(config, document):
    return [
        {"source": "coder", "range": {"start": {"line": n, "character": 0}, "end": {"line": n, "character": 3}}, "message": "no foo", "severity": 2}
        for n, line in enumerate(document.lines) if "foo" in line
    ]
