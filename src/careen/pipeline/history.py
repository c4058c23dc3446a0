"""The histories of an image, read and checked."""

from careen.errors import InputError
from careen.model.history import History
from careen.pipeline.run.history import histories_of, history_folder


def history_of(image: str) -> tuple[History, ...]:
    """Return the histories that name an image.

    Raises InputError if there is none, ConfigError for a damaged file.
    """
    found = tuple(histories_of(image))
    if not found:
        msg = (
            f"no run of {image!r} is recorded in {str(history_folder())!r}; name the original or"
            " the hardened image, or set CAREEN_HISTORY to the directory that has it"
        )
        raise InputError(msg)
    return found
