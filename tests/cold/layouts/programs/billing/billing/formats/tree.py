from xml.dom import minidom
from xml.sax.saxutils import quoteattr


def write(rows):
    return minidom.parseString("".join(["<b>", *(f"<r w={quoteattr(row[0])}/>" for row in rows), "</b>"])).documentElement.toxml()
