"""Facts that are kept: a ZODB whose storage a URI names."""
import functools

import persistent.mapping
import transaction


@functools.cache
def database(uri):
    import zodburi

    factory, arguments = zodburi.resolve_uri(uri)
    from ZODB import DB

    return DB(factory(), **arguments)


def root(request):
    connection = database(request.registry.settings["atlas.data"]).open()
    request.add_finished_callback(lambda _: (transaction.abort(), connection.close()))
    kept = connection.root()
    if "facts" not in kept:
        kept["facts"] = persistent.mapping.PersistentMapping()
    return kept["facts"]
