"""What happens to items."""

from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem


class Cleaned:
    def process_item(self, item):
        adapter = ItemAdapter(item)
        adapter["text"] = " ".join(adapter["text"].split())
        return item


class Unique:
    def __init__(self) -> None:
        self.seen: set[str] = set()

    def process_item(self, item):
        text = ItemAdapter(item)["text"]
        if text in self.seen:
            raise DropItem("seen")
        self.seen.add(text)
        return item
