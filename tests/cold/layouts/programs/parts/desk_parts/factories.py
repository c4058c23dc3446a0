def desk(global_conf, **settings):
    from werkzeug.utils import import_string

    return import_string("desk.web:app")
