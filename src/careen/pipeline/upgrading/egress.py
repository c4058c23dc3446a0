"""Egress policy of the container that packages are upgraded in."""

from collections.abc import Mapping

from careen.engines.network.egress_route import EgressPolicy, upstream_of
from careen.model.patching import PatchChoices
from careen.patch.web import permit_of, proxies_of

_SCHEMES = ("http", "https")


def egress_policy(choices: PatchChoices, variables: Mapping[str, str]) -> EgressPolicy:
    """Return the policy for one image; `variables` are careen's own environment.

    Sources that the user names are permitted by name, at any address. Proxies are those of
    `--patch-env`, else careen's own. Raises InputError for an unusable proxy.
    """
    proxies = proxies_of(choices) or _own_proxies(variables)
    urls = {each: proxies.get(f"{each}_proxy") or proxies.get("all_proxy") for each in _SCHEMES}
    upstreams = {scheme: upstream_of(url) for scheme, url in urls.items() if url}
    direct = tuple(word for word in proxies.get("no_proxy", "").split(",") if word.strip())
    return EgressPolicy(permit_of(choices), upstreams, direct)


def _own_proxies(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Return careen's own proxies; lower-case names have priority, as in curl."""
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    said = {name: variables.get(name) or variables.get(name.upper(), "") for name in names}
    return {name: value for name, value in said.items() if value}
