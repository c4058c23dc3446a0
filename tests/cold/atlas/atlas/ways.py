def includeme(config):
    for name, pattern in (("health", "/health"), ("load", "/load"), ("dump", "/dump"), ("query", "/query"), ("check", "/check"), ("reason", "/reason"),
                          ("graph", "/graph/{form}"), ("near", "/near"), ("task", "/task/{name}"), ("page", "/page/{name}"), ("form", "/order"),
                          ("facts", "/facts/{name}"), ("boom", "/boom"), ("graphql", "/graphql")):
        config.add_route(name, pattern)
