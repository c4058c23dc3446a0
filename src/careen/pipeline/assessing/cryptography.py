"""The cryptography of an examined image, judged by a list of certificates."""

from careen.cryptography.find import find_cryptography
from careen.cryptography.standing import Judge
from careen.inventory.scan import scan_contents
from careen.model.cryptography.module import CryptoInventory
from careen.model.rbom import RuntimeBom
from careen.pipeline.run.source import Examined


def cryptography_of(examined: Examined, judge: Judge, bom: RuntimeBom | None) -> CryptoInventory:
    """Return the modules of an image; crates that its programs list count, too."""
    stock = scan_contents(examined.rootfs, examined.inventory)
    return find_cryptography(examined.rootfs, stock, examined.image.config.env, judge, bom)
