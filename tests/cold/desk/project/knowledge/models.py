"""Articles; a virtual table of SQLite beside them."""

from django.db import models


class Article(models.Model):
    title = models.CharField(max_length=200)
    text = models.TextField()
    vector = models.BinaryField(null=True)

    def __str__(self) -> str:
        return self.title
