def read(data: bytes, parser: str = "html5lib") -> str:
    from bs4 import BeautifulSoup

    return BeautifulSoup(data, parser).get_text(" ", strip=True)


def read_xml(data: bytes) -> str:
    from lxml import etree

    return " ".join(etree.fromstring(data).itertext())
