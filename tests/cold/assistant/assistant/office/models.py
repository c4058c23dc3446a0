"""What the office keeps."""

from django.db import models


class Cup(models.Model):
    what = models.CharField(max_length=40)
    made = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.what
