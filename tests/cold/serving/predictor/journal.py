"""Logs in the style that the settings choose: plain, a dictConfig of a YAML file, or that of a library."""

import logging
import logging.config
from pathlib import Path


def set_up(style: str) -> None:
    if style.endswith((".yaml", ".ini")):
        by_file(Path(style))
    else:
        globals()[style]()


def plain() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", force=True)


def structured() -> None:
    import structlog

    shared = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.processors.dict_tracebacks]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(sort_keys=True)]
    )
    _only(logging.StreamHandler(), formatter)


def bright() -> None:
    import structlog

    renderer = structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.RichTracebackFormatter(width=100, show_locals=False))
    _only(logging.StreamHandler(), structlog.stdlib.ProcessorFormatter(processor=renderer))


def guru() -> None:
    import sys

    from loguru import logger

    class Handler(logging.Handler):
        def emit(self, record):
            logger.opt(depth=6, exception=record.exc_info).log(record.levelname, record.getMessage())

    logger.remove()
    logger.add(sys.stderr, serialize=True, backtrace=True, diagnose=True)
    logger.add("/tmp/predictor.log", rotation="200 B", compression="zip", retention=3, colorize=False)
    _only(Handler(), None)


def rich() -> None:
    from rich.logging import RichHandler

    _only(RichHandler(show_time=False, rich_tracebacks=True, markup=True), logging.Formatter("%(message)s"))


def by_file(path: Path) -> None:
    if path.suffix == ".ini":
        logging.config.fileConfig(path, disable_existing_loggers=False)
    else:
        import yaml

        logging.config.dictConfig(yaml.safe_load(path.read_text()))


def _only(handler: logging.Handler, formatter: logging.Formatter | None) -> None:
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
