"""What the log must not say."""

import logging


class Discreet(logging.Filter):
    def __init__(self, words):
        super().__init__()
        self.words = words

    def filter(self, record):
        return not any(word in record.getMessage() for word in self.words)
