"""Graphs: convolutions of torch-geometric, made data, loaders, transforms by name, explanations; drawings by Graphviz."""

import numpy as np


def _data() -> object:
    import torch
    from torch_geometric.data import Data

    torch.manual_seed(0)
    edges = torch.tensor([[0, 1, 1, 2, 2, 3, 3, 0, 0, 2], [1, 0, 2, 1, 3, 2, 0, 3, 2, 0]])
    return Data(x=torch.ones(4, 8), edge_index=edges, y=torch.tensor([0, 1, 0, 1]), edge_attr=torch.ones(10, 2), pos=torch.rand(4, 3))


def convolutions() -> object:
    import torch_geometric.nn as pn

    data = _data()
    out = []
    for name, words in (
        ("GCNConv", (8, 4)),
        ("GATConv", (8, 4)),
        ("GATv2Conv", (8, 4)),
        ("SAGEConv", (8, 4)),
        ("GraphConv", (8, 4)),
        ("ChebConv", (8, 4, 2)),
        ("TAGConv", (8, 4)),
        ("TransformerConv", (8, 4)),
        ("ARMAConv", (8, 4)),
        ("SGConv", (8, 4)),
        ("APPNP", (2, 0.1)),
        ("LEConv", (8, 4)),
        ("FeaStConv", (8, 4)),
        ("HypergraphConv", (8, 4)),
        ("ClusterGCNConv", (8, 4)),
        ("GENConv", (8, 4)),
        ("SuperGATConv", (8, 4)),
        ("EGConv", (8, 4)),
        ("PANConv", (8, 4, 2)),
        ("GatedGraphConv", (8, 2)),
        ("ResGatedGraphConv", (8, 4)),
        ("MFConv", (8, 4)),
        ("AntiSymmetricConv", (8,)),
        ("DirGNNConv", ()),
    ):
        try:
            layer = getattr(pn, name)(*words) if words else pn.DirGNNConv(pn.GCNConv(8, 4))
            said = layer(data.x, data.edge_index)
            said = said[0] if isinstance(said, tuple) else said
            out.append((name, said.shape[-1]))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def models() -> object:
    import torch
    import torch_geometric.nn as pn
    from torch_geometric.nn import aggr, pool

    data = _data()
    out = [(name, getattr(pn, name)(8, 4, 2, out_channels=3)(data.x, data.edge_index).shape[-1]) for name in ("GCN", "GAT", "GraphSAGE", "GIN", "EdgeCNN")]
    chain = pn.Sequential("x, edge_index", [(pn.GCNConv(8, 4), "x, edge_index -> x"), torch.nn.ReLU(), (pn.GCNConv(4, 2), "x, edge_index -> x")])
    out.append(chain(data.x, data.edge_index).shape[-1])
    out.append([type(pn.resolver.activation_resolver(name)).__name__ for name in ("relu", "elu", "gelu")])
    out.append(
        [
            (name, pn.resolver.aggregation_resolver(name)(data.x, torch.zeros(4, dtype=torch.long)).shape[-1])
            for name in ("mean", "max", "softmax", "powermean", "std")
        ]
    )
    out.append(pn.Node2Vec(data.edge_index, 4, 3, 2).embedding.weight.shape if _there("torch_cluster") or _there("pyg_lib") else "no walks")
    out.append([len(pool.TopKPooling(8)(data.x, data.edge_index)), aggr.Set2Set(8, 2)(data.x, torch.zeros(4, dtype=torch.long)).shape[-1]])
    hetero = pn.to_hetero(pn.GraphSAGE(8, 4, 2), (["a", "b"], [("a", "to", "b"), ("b", "to", "a")]))
    out.append(sorted(hetero({"a": data.x, "b": data.x}, {("a", "to", "b"): data.edge_index, ("b", "to", "a"): data.edge_index})))
    return out


def _there(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def trained() -> object:
    import torch
    from torch_geometric.datasets import FakeDataset, FakeHeteroDataset, KarateClub
    from torch_geometric.loader import DataLoader
    from torch_geometric.nn import GCN
    from torch_geometric.seed import seed_everything

    seed_everything(1)
    club = KarateClub()[0]
    net = GCN(club.num_features, 8, 2, out_channels=4)
    optimiser = torch.optim.Adam(net.parameters(), 0.05)
    for _ in range(30):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(club.x, club.edge_index)[club.train_mask], club.y[club.train_mask])
        loss.backward()
        optimiser.step()
    batches = [batch.num_graphs for batch in DataLoader(FakeDataset(5), batch_size=2)]
    return float(loss) < 0.5, batches, sorted(FakeHeteroDataset(1)[0].node_types)


def transforms() -> object:
    import torch_geometric.transforms as pt

    out = []
    for name, words in (
        ("NormalizeFeatures", ()),
        ("ToUndirected", ()),
        ("AddSelfLoops", ()),
        ("KNNGraph", (2,)),
        ("Distance", ()),
        ("Cartesian", ()),
        ("Spherical", ()),
        ("LocalDegreeProfile", ()),
        ("AddLaplacianEigenvectorPE", (1,)),
        ("AddRandomWalkPE", (2,)),
        ("RandomLinkSplit", ()),
        ("GDC", ()),
        ("LargestConnectedComponents", ()),
        ("ToSparseTensor", ()),
        ("SIGN", (2,)),
        ("VirtualNode", ()),
        ("LineGraph", ()),
        ("HalfHop", ()),
        ("FaceToEdge", ()),
        ("Delaunay", ()),
    ):
        try:
            made = getattr(pt, name)(*words)(_data())
            out.append((name, type(made).__name__))
        except Exception as error:
            out.append((name, type(error).__name__))
    return out


def loaders() -> object:
    from torch_geometric.loader import ClusterData, DenseDataLoader, NeighborLoader, RandomNodeLoader, ShaDowKHopSampler

    out = []
    for call in (
        lambda: next(iter(NeighborLoader(_data(), [2], batch_size=2))),
        lambda: next(iter(RandomNodeLoader(_data(), 2))),
        lambda: ClusterData(_data(), 2),
        lambda: next(iter(ShaDowKHopSampler(_data(), 1, 2))),
        lambda: next(iter(DenseDataLoader([], batch_size=1))),
    ):
        try:
            out.append(type(call()).__name__)
        except Exception as error:
            out.append(type(error).__name__)
    return out


def explained() -> object:
    import torch
    from torch_geometric.explain import CaptumExplainer, Explainer, GNNExplainer
    from torch_geometric.nn import GCN

    torch.manual_seed(0)
    data = _data()
    one = Explainer(
        GCN(8, 4, 2, out_channels=2),
        GNNExplainer(epochs=3),
        "model",
        node_mask_type="attributes",
        edge_mask_type="object",
        model_config={"mode": "multiclass_classification", "task_level": "node", "return_type": "raw"},
    )(data.x, data.edge_index)
    one.visualize_graph("a.svg", backend="graphviz")
    one.visualize_graph("a.png", backend="networkx")
    try:
        CaptumExplainer("IntegratedGradients")
    except ImportError as error:
        return sorted(one.available_explanations), open("a.svg").read(5), type(error).__name__
    return sorted(one.available_explanations)


def put_elsewhere() -> object:
    import torch
    from torch_geometric.nn import GCNConv, summary
    from torch_geometric.utils import from_networkx, to_networkx, to_scipy_sparse_matrix

    data = _data()
    graph = to_networkx(data, node_attrs=["x"])
    layer = GCNConv(8, 4).eval()
    scripted = torch.jit.script(layer)
    torch.save(data, "a.pt")
    again = torch.load("a.pt", weights_only=False)
    try:
        text = summary(layer, data.x, data.edge_index).count("GCNConv")
    except ImportError as error:
        text = type(error).__name__
    return (
        graph.number_of_edges(),
        from_networkx(graph).num_nodes,
        to_scipy_sparse_matrix(data.edge_index).nnz,
        scripted(data.x, data.edge_index).shape[-1],
        again.num_nodes,
        text,
    )


def compiled() -> object:
    import torch
    from torch_geometric.nn import GCN

    data = _data()
    net = GCN(8, 4, 2).eval()
    made = torch.export.export(net, (data.x, data.edge_index))
    return torch.allclose(made.module()(data.x, data.edge_index), net(data.x, data.edge_index), atol=1e-5), np.asarray(data.y).tolist()


def drawn() -> object:
    import os

    import graphviz

    out = []
    for engine in ("dot", "neato", "fdp", "sfdp", "twopi", "circo", "osage", "patchwork"):
        graph = graphviz.Digraph(engine=engine, graph_attr={"overlap": "scale"})
        graph.node("a", "ä", shape="box", fontname="DejaVu Sans")
        graph.edge("a", "b", label="to")
        try:
            out.append((engine, len(graph.pipe(format="svg")) > 300))
        except Exception as error:
            out.append((engine, type(error).__name__))
    for kind in (
        "png",
        "pdf",
        "ps",
        "jpg",
        "gif",
        "json",
        "xdot",
        "plain",
        "cmapx",
        "webp",
        "tiff",
        "bmp",
        "vml",
        "fig",
        "svgz",
        "dot_json",
        "canon",
        "pov",
        "tk",
        "eps",
        "imap",
        "gd",
        "wbmp",
    ):
        try:
            out.append((kind, len(graphviz.Source("digraph { a -> b [label=<<b>x</b>>] }").pipe(format=kind)) > 20))
        except Exception as error:
            out.append((kind, type(error).__name__))
    for renderer, formatter in (("cairo", "cairo"), ("cairo", "gdk"), ("gd", "gd"), ("svg", "core")):
        try:
            out.append(
                (
                    renderer,
                    formatter,
                    len(graphviz.Source("graph { a -- b }").pipe(format="png" if renderer != "svg" else "svg", renderer=renderer, formatter=formatter)) > 20,
                )
            )
        except Exception as error:
            out.append((renderer, formatter, type(error).__name__))
    try:
        graphviz.Source("digraph {").pipe(format="svg")
    except graphviz.CalledProcessError as error:
        out.append(("syntax error" in (error.stderr or b"").decode(), error.returncode))
    out.append(graphviz.Source("digraph { a -> b; a -> c; a -> d }").unflatten(stagger=2).source.count("minlen"))
    graphviz.Source("digraph { a }").render("a", format="svg", cleanup=True)
    return out, os.path.exists("a.svg"), graphviz.version()[0] > 2
