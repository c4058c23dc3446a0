"""Lines of the log, as JSON."""

import logging

import structlog


class Lines(structlog.stdlib.ProcessorFormatter):
    def __init__(self) -> None:
        shared = [structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
        last = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        super().__init__(processors=last, foreign_pre_chain=shared)


class NotHealth(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return "/health" not in record.getMessage()
