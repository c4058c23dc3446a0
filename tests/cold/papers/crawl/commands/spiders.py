"""`scrapy spiders`: which there are, with where they begin."""

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import get_spider_loader


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "List spiders and their first addresses"

    def run(self, args, opts) -> None:
        loader = get_spider_loader(self.settings)
        for name in sorted(loader.list()):
            print(name, loader.load(name).start_urls[0])
