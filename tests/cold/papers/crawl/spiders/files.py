"""Spiders over the sample pages and feeds."""

from itemloaders.processors import Join, MapCompose, TakeFirst
from scrapy import Spider
from scrapy.linkextractors import LinkExtractor
from scrapy.loader import ItemLoader
from scrapy.spiders import CSVFeedSpider, XMLFeedSpider

from crawl.items import Page


class PageLoader(ItemLoader):
    default_item_class = Page
    title_out = TakeFirst()
    text_in = MapCompose(str.strip)
    text_out = Join(" ")


class Pages(Spider):
    name = "pages"
    start_urls = [
        "file:///srv/papers/samples/tea.html",
        "file:///srv/papers/samples/tea.html#again",
        "file:///srv/papers/samples/nothing.html",
        "data:text/html;charset=utf-8,<title>data</title><p>milk</p>",
    ]

    def parse(self, response):
        loader = PageLoader(response=response)
        loader.add_css("title", "title::text")
        loader.add_xpath("text", "//p//text()")
        loader.add_value("links", [link.url for link in LinkExtractor().extract_links(response)])
        yield loader.load_item()


class Feed(XMLFeedSpider):
    name = "feed"
    start_urls = ["file:///srv/papers/samples/feed.xml"]
    itertag = "item"

    def parse_node(self, response, node):
        yield Page(title=node.xpath("title/text()").get(), text=node.xpath("description/text()").get(default=""))


class Rows(CSVFeedSpider):
    name = "rows"
    start_urls = ["file:///srv/papers/samples/tea.csv"]

    def parse_row(self, response, row):
        yield Page(title=row["name"], text=row["price"])
