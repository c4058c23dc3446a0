"""Scrapy's settings."""

BOT_NAME = "papers"
SPIDER_MODULES = ["crawl.spiders"]
COMMANDS_MODULE = "crawl.commands"
ROBOTSTXT_OBEY = False
LOG_LEVEL = "WARNING"
TELNETCONSOLE_ENABLED = False
ITEM_PIPELINES = {"crawl.pipelines.Cleaned": 100, "crawl.pipelines.Unique": 200}
SPIDER_MIDDLEWARES = {"crawl.middlewares.Counted": 500}
FEED_EXPORTERS = {"lines": "crawl.exporters.Lines"}
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
HTTPCACHE_ENABLED = False
RETRY_ENABLED = False
