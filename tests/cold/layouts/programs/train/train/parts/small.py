class Small:
    def __init__(self, size: int = 1):
        self.size = size

    def describe(self):
        return f"small {self.size}"
