"""A configuration of logs in which classes are words."""

import io
import logging
import logging.config
from contextlib import redirect_stdout

import yaml


def run():
    with open("/etc/desk/logging.yaml") as stream:
        settings = yaml.safe_load(stream)
    said = io.StringIO()
    with redirect_stdout(said):
        logging.config.dictConfig(settings)
        logging.getLogger("orders").warning("an order of %s", "tea")
        logging.getLogger("orders").warning("a secret")
        logging.getHandlerByName("queue").listener.start()
        logging.getHandlerByName("queue").listener.stop()
    print(said.getvalue().strip())
    with open("/tmp/desk.log") as stream:
        print(stream.read().strip())
    logging.root.handlers.clear()
    logging.config.fileConfig(io.StringIO(OLD))
    logging.getLogger("old").error("by an old file")
    print(logging.getLogger("old").handlers[0].__class__.__name__)


OLD = """[loggers]
keys=root,old
[handlers]
keys=memory
[formatters]
keys=one
[logger_root]
handlers=
[logger_old]
qualname=old
handlers=memory
[handler_memory]
class=handlers.MemoryHandler
args=(10,)
formatter=one
[formatter_one]
class=logging.Formatter
format=%(message)s
"""
