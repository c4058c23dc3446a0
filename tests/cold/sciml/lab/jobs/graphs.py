"""Graphs: networkx with its data and formats, igraph, Graphviz for pictures."""

import networkx as nx


def known_ones():
    return [
        len(nx.graph_atlas_g()),
        nx.karate_club_graph().size(),
        nx.les_miserables_graph().order(),
        nx.davis_southern_women_graph().order(),
        nx.florentine_families_graph().order(),
        len(nx.petersen_graph()),
        nx.LFR_benchmark_graph(250, 3, 1.5, 0.1, average_degree=5, min_community=20, seed=10).order(),
        nx.gnp_random_graph(20, 0.3, seed=1).size(),
    ]


def algorithms():
    graph = nx.karate_club_graph()
    return [
        round(max(nx.pagerank(graph).values()), 3),
        round(nx.betweenness_centrality(graph)[0], 3),
        len(nx.community.louvain_communities(graph, seed=1)),
        len(list(nx.community.greedy_modularity_communities(graph))),
        nx.is_planar(graph),
        nx.diameter(graph),
        round(nx.algebraic_connectivity(graph, method="lanczos", seed=2), 3),
        len(nx.minimum_spanning_tree(graph).edges),
        nx.maximum_flow_value(nx.DiGraph([("a", "b", {"capacity": 3})]), "a", "b"),
        len(nx.max_weight_matching(graph)),
        nx.vf2pp_is_isomorphic(nx.path_graph(4), nx.path_graph(4)),
        round(nx.eigenvector_centrality_numpy(graph)[0], 3),
        len(nx.dfs_tree(graph, 0)),
        nx.approximation.treewidth_min_degree(graph)[0],
        nx.number_of_nonisomorphic_trees(6),
    ]


def formats():
    graph = nx.Graph(name="one")
    graph.add_edge("a", "b", weight=2.5)
    told = []
    for name in ("gml", "graphml", "gexf", "pajek", "adjlist", "edgelist", "graph6", "sparse6", "multiline_adjlist", "weighted_edgelist", "graphml_lxml"):
        given = (
            nx.convert_node_labels_to_integers(graph)
            if name in ("graph6", "sparse6", "adjlist", "edgelist", "multiline_adjlist", "weighted_edgelist")
            else graph
        )
        getattr(nx, f"write_{name}")(given, f"graph.{name}")
        back = getattr(nx, f"read_{name.removesuffix('_lxml')}")(f"graph.{name}")
        told.append(f"{name} {back.number_of_edges()}")
    return [
        *told,
        sorted(nx.node_link_data(graph)),
        nx.to_pandas_edgelist(graph).shape,
        nx.to_scipy_sparse_array(graph).sum(),
        "a" in nx.to_latex(graph),
        nx.cytoscape_data(graph)["elements"]["nodes"][0]["data"]["id"],
        list(nx.generate_network_text(nx.path_graph(2)))[0].strip(),
    ]


def layouts_and_pictures():
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    graph = nx.karate_club_graph()
    told = []
    for name in ("spring", "kamada_kawai", "spectral", "circular", "shell", "spiral", "planar", "bfs", "arf", "forceatlas2"):
        given = nx.cycle_graph(6) if name in ("planar", "bfs") else graph
        options = {"start": 0} if name == "bfs" else {"seed": 3} if name in ("spring", "arf", "forceatlas2") else {}
        told.append(len(getattr(nx, f"{name}_layout")(given, **options)))
    nx.draw_networkx(graph, pos=nx.circular_layout(graph), node_size=20, with_labels=True)
    plt.savefig("graph.pdf")
    return told


def dot():
    import pydot

    graph = nx.nx_pydot.to_pydot(nx.path_graph(4, create_using=nx.DiGraph))
    graph.set_rankdir("LR")
    told = []
    for form in ("svg", "png", "pdf", "plain", "json", "ps", "jpg", "cmapx", "canon"):
        told.append(f"{form} {len(graph.create(format=form)) > 20}")
    for program in ("neato", "fdp", "sfdp", "circo", "twopi", "osage", "patchwork"):
        told.append(f"{program} {graph.create(prog=program, format='svg').count(b'<ellipse')}")
    told.append(len(nx.nx_pydot.pydot_layout(nx.path_graph(4))))
    return [told, len(pydot.graph_from_dot_data('digraph { a -> b [label="ä"]; subgraph cluster_x { c } }')[0].get_edges())]


def other_backends():
    import importlib.metadata

    told = [sorted(entry.name for entry in importlib.metadata.entry_points(group="networkx.backends"))]
    try:
        nx.pagerank(nx.path_graph(3), backend="nothing")
    except ImportError as error:
        told.append(str(error)[:40])
    return told


def with_igraph():
    import igraph as ig

    graph = ig.Graph.Famous("Zachary")
    told = [
        graph.vcount(),
        graph.diameter(),
        round(graph.pagerank()[0], 3),
        len(graph.community_leiden(objective_function="modularity", n_iterations=5)) >= 2,
        len(graph.community_infomap()) >= 1,
        len(graph.community_walktrap().as_clustering()),
        graph.clique_number(),
        ig.Graph.Lattice([3, 3], circular=False).ecount(),
        ig.Graph.Tree(7, 2).is_tree(),
    ]
    for name in ("kk", "drl", "grid", "circle", "mds", "sugiyama", "rt", "lgl"):
        told.append(len((ig.Graph.Tree(7, 2) if name in ("sugiyama", "rt") else graph).layout(name)) >= 7)
    for form in ("graphml", "gml", "pajek", "dot", "lgl", "edgelist", "ncol", "leda", "dimacs", "pickle", "svg"):
        try:
            graph.write(f"i.{form}", format=form)
            told.append(f"{form} {len(ig.Graph.Read(f'i.{form}', format=form).es) if form not in ('dot', 'leda', 'svg', 'dimacs') else 'written'}")
        except Exception as error:
            told.append(f"{form} {type(error).__name__}")
    return told


def igraph_and_others():
    import igraph as ig
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    graph = ig.Graph.from_networkx(nx.karate_club_graph())
    _, axes = plt.subplots()
    ig.plot(graph, target=axes, layout=graph.layout("circle"), vertex_size=5)
    plt.savefig("igraph.png")
    try:
        ig.plot(graph, target="cairo.png")
        drawn = "drawn"
    except Exception as error:
        drawn = type(error).__name__
    return [graph.to_networkx().size(), drawn, graph.get_edge_dataframe().shape[0], graph.summary()[:8]]
