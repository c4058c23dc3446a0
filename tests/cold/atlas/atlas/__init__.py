"""An application of Pyramid: what it serves is found by a scan, what it uses by its settings."""
import os

from pyramid.config import Configurator


def main(global_config, **settings):
    settings.setdefault("atlas.data", os.environ.get("ATLAS_DATA", "memory://"))
    config = Configurator(settings=settings)
    config.add_request_method("atlas.facts.root", "facts", reify=True)
    config.add_translation_dirs("deform:locale", "colander:locale")
    config.add_static_view("form", "deform:static")
    config.include("atlas.ways")
    for extra in os.environ.get("ATLAS_EXTRA", "").split():
        config.include(extra)
    config.scan("atlas.views")
    return config.make_wsgi_app()
