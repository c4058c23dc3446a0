"""Pages from templates, read again by the distribution's parsers."""


def run(title):
    import jinja2
    import yaml
    from bs4 import BeautifulSoup
    from lxml import etree, objectify

    rows = yaml.load("- {name: one, size: 1}\n- {name: two, size: 2}\n", Loader=yaml.CSafeLoader)
    page = jinja2.Environment(loader=jinja2.PackageLoader("desk", "templates"), autoescape=True).get_template("list.html").render(title=title, rows=rows)
    for parser in ("html.parser", "lxml", "html5lib"):
        print(parser, [item.text for item in BeautifulSoup(page, parser).find_all("li")])
    tree = objectify.fromstring("<a><b>1</b></a>")
    print(tree.b + 1, etree.XSLT(etree.XML(STYLE))(etree.XML("<a><b>1</b></a>")))
    print(yaml.dump(rows, Dumper=yaml.CSafeDumper).strip())


STYLE = """<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"><x:output method="text"/>
<x:template match="/">b is <x:value-of select="//b"/></x:template></x:stylesheet>"""
