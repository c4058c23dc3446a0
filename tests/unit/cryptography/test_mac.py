"""The MAC is the one that `openssl fipsinstall` writes."""

from io import BytesIO

from careen.cryptography.mac import module_mac, same_mac


def test_mac_of_known_bytes() -> None:
    # printf careen | openssl dgst -sha256 -mac HMAC -macopt hexkey:f4556650…
    mac = module_mac(BytesIO(b"careen"))
    assert same_mac(mac, "b1ddfe956182065d72c4bfbc572ebd4988bbbc3129b379178bc6bfd5e431692f")
    assert mac.startswith("B1:DD:FE:95:")
    assert not same_mac(mac, module_mac(BytesIO(b"careem")))
