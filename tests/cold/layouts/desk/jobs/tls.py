"""Whom the desk trusts."""

import ssl


def run():
    import certifi
    import requests

    print(len(ssl.create_default_context().get_ca_certs()) > 50, len(ssl.create_default_context(cafile=certifi.where()).get_ca_certs()) > 50)
    print(requests.certs.where(), certifi.where().startswith("/srv/desk"))
    import httpx

    for get in (requests.get, httpx.get):
        try:
            get("https://127.0.0.1:9/", timeout=2)
        except (requests.ConnectionError, httpx.ConnectError) as error:
            print(type(error).__module__, type(error).__name__)
