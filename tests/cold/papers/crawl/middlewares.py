"""Counts what spiders give."""


class Counted:
    def __init__(self, stats) -> None:
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler.stats)

    async def process_spider_output(self, response, result):
        async for item in result:
            self.stats.inc_value("papers/given")
            yield item
