import logging.config
import sys

logging.config.dictConfig(
    {
        "version": 1,
        "formatters": {"colour": {"()": "colorlog.ColoredFormatter", "format": "%(log_color)s%(message)s", "force_color": True}},
        "handlers": {"out": {"class": "colorlog.StreamHandler", "stream": "ext://sys.stdout", "formatter": "colour"}},
        "root": {"handlers": ["out"]},
    }
)
logging.warning("a warning to %s", sys.argv[1])
