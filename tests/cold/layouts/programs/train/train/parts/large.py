import zoneinfo

from train.parts.small import Small


class Large:
    def __init__(self, size: int = 2, inner: Small | None = None):
        self.size, self.inner = size, inner

    def describe(self):
        return f"large {self.size} over {self.inner.describe() if self.inner else 'nothing'} {zoneinfo.ZoneInfo('UTC')}"
