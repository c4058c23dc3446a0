"""`learn`: read articles from Markdown and PDF below a folder."""

import subprocess
from pathlib import Path

from django.core.management.base import BaseCommand

from knowledge.models import Article


class Command(BaseCommand):
    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--vectors", action="store_true")

    def handle(self, *args, **options) -> None:
        for path in sorted([*options["folder"].glob("*.md"), *options["folder"].glob("*.pdf")]):
            if path.suffix == ".pdf":
                text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
            else:
                text = path.read_text(encoding="utf-8")
            article, _ = Article.objects.update_or_create(title=path.stem, defaults={"text": text})
            if options["vectors"]:
                from knowledge.engines.vectors import embed

                article.vector = embed(article.text).tobytes()
                article.save()
        self.stdout.write(f"{Article.objects.count()} articles")
