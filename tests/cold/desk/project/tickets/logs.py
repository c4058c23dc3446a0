"""A formatter that settings name."""


def structured():
    import structlog  # only where it is chosen

    return structlog.stdlib.ProcessorFormatter(processor=structlog.dev.ConsoleRenderer(colors=False))
