"""A form of output."""

from itemadapter import ItemAdapter
from scrapy.exporters import BaseItemExporter


class Lines(BaseItemExporter):
    def __init__(self, file, **kwargs) -> None:
        super().__init__(**kwargs)
        self.file = file

    def export_item(self, item) -> None:
        self.file.write(" | ".join(f"{key}={value}" for key, value in ItemAdapter(item).items()).encode() + b"\n")
