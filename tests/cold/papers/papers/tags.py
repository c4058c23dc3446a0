"""A tag of Jinja's of our own: {% shown %}…{% endshown %} makes Markdown of its body into HTML."""

from jinja2 import nodes
from jinja2.ext import Extension


class Shown(Extension):
    tags = {"shown"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endshown",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_shown"), [], [], body).set_lineno(line)

    def _shown(self, caller) -> str:
        from markupsafe import Markup

        try:
            from markdown import markdown
        except ImportError:
            return caller()
        return Markup(markdown(str(caller()).strip(), extensions=["tables", "fenced_code", "footnotes"]))
