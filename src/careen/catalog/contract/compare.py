"""All items of the contract that the files and the configuration of both images show."""

from collections.abc import Callable, Iterator

from careen.catalog.contract.accounts import accounts
from careen.catalog.contract.data import certificates, locale, name_services, time_zones
from careen.catalog.contract.files import paths, permissions
from careen.catalog.contract.programs import database, loader
from careen.catalog.contract.settings import environment, process
from careen.catalog.contract.shells import shell
from careen.catalog.contract.sides import Pair
from careen.model.catalog.contract import ContractRow

_ITEMS: tuple[Callable[[Pair], Iterator[ContractRow]], ...] = (
    accounts,
    paths,
    permissions,
    environment,
    locale,
    certificates,
    time_zones,
    name_services,
    loader,
    process,
    shell,
    database,
)


def compare(pair: Pair) -> tuple[ContractRow, ...]:
    """Return the rows of all items. Raises ImageError for an image that cannot be read."""
    return tuple(found for item in _ITEMS for found in item(pair))
