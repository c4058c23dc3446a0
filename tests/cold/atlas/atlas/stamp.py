import logging


class Stamp:
    def __init__(self, app, global_conf, header="x-stamp"):
        self.app, self.header = app, header

    def __call__(self, environ, start):
        def started(status, headers, exc_info=None):
            return start(status, [*headers, (self.header, "1.4.0")], exc_info)

        return self.app(environ, started)


class Lines(logging.Formatter):
    def format(self, record):
        return super().format(record).replace("\n", "\\n")
