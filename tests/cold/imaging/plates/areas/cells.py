"""Cells: AnnData in its formats, scanpy's ways from counts to clusters and figures."""

import os

import numpy as np


def _cells() -> object:
    import anndata
    import pandas as pd

    rng = np.random.default_rng(1)
    counts = rng.poisson(1.0, (120, 60)).astype("f4")
    counts[:60, :20] += rng.poisson(6.0, (60, 20))
    counts[60:, 20:40] += rng.poisson(6.0, (60, 20))
    return anndata.AnnData(
        counts,
        obs=pd.DataFrame({"batch": pd.Categorical(["a", "b"] * 60)}, index=[f"c{n}" for n in range(120)]),
        var=pd.DataFrame(index=[f"MT-{n}" if n < 3 else f"g{n}" for n in range(60)]),
    )


def formats() -> object:
    import anndata
    import scipy.sparse as sp

    cells = _cells()
    cells.layers["raw"] = sp.csr_matrix(cells.X)
    cells.uns["note"] = {"a": [1, 2]}
    cells.write_h5ad("a.h5ad", compression="gzip")
    cells.write_zarr("a.zarr")
    cells.write_csvs("csv", skip_data=False)
    out = [anndata.read_h5ad("a.h5ad").shape, anndata.read_zarr("a.zarr").shape, sorted(os.listdir("csv"))]
    out.append(anndata.read_h5ad("a.h5ad", backed="r").isbacked)
    out.append(anndata.concat([cells, cells], label="which", index_unique="-").shape)
    out.append(anndata.io.read_csv("csv/X.csv").shape)
    try:
        cells.write_loom("a.loom")
        out.append("loom")
    except ImportError as error:
        out.append(type(error).__name__)
    import h5py

    with h5py.File("b.h5", "w") as file:
        anndata.io.write_elem(file, "x", sp.csc_matrix(np.eye(3)))
        out.append(type(anndata.io.read_elem(file["x"])).__name__)
    from anndata.experimental import AnnCollection, read_elem_lazy

    out += [AnnCollection([cells]).shape, callable(read_elem_lazy)]
    return out


def prepared() -> object:
    import scanpy as sc

    cells = _cells()
    cells.var["mt"] = cells.var_names.str.startswith("MT-")
    sc.pp.calculate_qc_metrics(cells, qc_vars=["mt"], percent_top=[10], inplace=True)
    sc.pp.filter_genes(cells, min_cells=3)
    sc.pp.normalize_total(cells, target_sum=1e4)
    sc.pp.log1p(cells)
    sc.pp.highly_variable_genes(cells, n_top_genes=40, flavor="seurat")
    sc.pp.regress_out(cells, ["total_counts"])
    sc.pp.scale(cells, max_value=10)
    sc.pp.combat(cells, key="batch")
    return cells.shape, int(cells.var["highly_variable"].sum()), sorted(cells.obs.columns)[:3]


def clustered() -> object:
    import scanpy as sc

    cells = _cells()
    sc.pp.log1p(cells)
    sc.pp.pca(cells, n_comps=10)
    sc.pp.neighbors(cells, n_neighbors=10)
    sc.tl.leiden(cells, flavor="igraph", n_iterations=2, directed=False)
    sc.tl.leiden(cells, key_added="other", flavor="leidenalg", n_iterations=2)
    sc.tl.umap(cells, maxiter=20)
    sc.tl.tsne(cells, n_pcs=5, perplexity=10)
    sc.tl.diffmap(cells)
    sc.tl.draw_graph(cells, layout="kk")
    cells.uns["iroot"] = 0
    sc.tl.dpt(cells)
    sc.tl.paga(cells, groups="leiden")
    sc.tl.dendrogram(cells, "leiden")
    for method in ("t-test", "wilcoxon", "logreg"):
        sc.tl.rank_genes_groups(cells, "leiden", method=method)
    sc.tl.score_genes(cells, ["g5", "g6"])
    sc.tl.embedding_density(cells, "umap")
    return cells.obs["leiden"].nunique() >= 2, sorted(cells.obsm), len(sc.get.rank_genes_groups_df(cells, "0")) > 10


def drawn() -> object:
    import matplotlib as mpl

    mpl.use("agg")
    import scanpy as sc

    sc.settings.figdir = "."
    sc.settings.set_figure_params(dpi=40, format="png")
    cells = sc.datasets.pbmc68k_reduced()
    group = "bulk_labels"
    sc.pl.umap(cells, color=[group, "n_genes"], save=True, show=False)
    names = list(cells.var_names[:4])
    for name, call in (
        ("heatmap", sc.pl.heatmap),
        ("dotplot", sc.pl.dotplot),
        ("violin_stacked", sc.pl.stacked_violin),
        ("matrixplot", sc.pl.matrixplot),
        ("tracksplot", sc.pl.tracksplot),
    ):
        call(cells, names, group, dendrogram=True, save=f"_{name}.png", show=False)
    sc.pl.rank_genes_groups(cells, n_genes=4, save=True, show=False)
    sc.pl.highest_expr_genes(cells, n_top=4, save=True, show=False)
    sc.pl.violin(cells, names[:2], groupby=group, save=True, show=False)
    sc.tl.paga(cells, groups=group)
    sc.pl.paga(cells, save=True, show=False)
    sc.pl.pca_variance_ratio(cells, save=True, show=False)
    return cells.shape, len([file for file in os.listdir(".") if file.endswith(".png")])


def sets_and_settings() -> object:
    import subprocess

    import scanpy as sc

    out = [sc.datasets.blobs(n_observations=30).shape, sc.datasets.toggleswitch().shape, sc.datasets.krumsiek11().shape]
    for words in (["--help"], ["settings"], ["nothing"]):
        done = subprocess.run(["scanpy", *words], capture_output=True, text=True, check=False)
        out.append((words[0], done.returncode))
    try:
        sc.external.pp.harmony_integrate(_cells(), "batch")
    except Exception as error:
        out.append(type(error).__name__)
    try:
        sc.read_10x_mtx("nothing")
    except Exception as error:
        out.append(type(error).__name__)
    sc.logging.print_header()
    return out


def ten_x() -> object:
    import gzip

    import scanpy as sc
    import scipy.io

    os.mkdir("mtx")
    scipy.io.mmwrite("mtx/matrix.mtx", scipy.sparse.csr_matrix(np.eye(3, dtype="i4")))
    for name, lines in (("features.tsv", "g1\tA\tGene Expression\ng2\tB\tGene Expression\ng3\tC\tGene Expression\n"), ("barcodes.tsv", "x\ny\nz\n")):
        with gzip.open(f"mtx/{name}.gz", "wt") as file:
            file.write(lines)
    with open("mtx/matrix.mtx", "rb") as plain, gzip.open("mtx/matrix.mtx.gz", "wb") as file:
        file.write(plain.read())
    cells = sc.read_10x_mtx("mtx", cache=True)
    with open("a.tab", "w", encoding="ascii") as file:
        file.write("\tg1\tg2\nc1\t1\t2\n")
    return cells.shape, sc.read_text("a.tab", delimiter="\t").shape, sc.read("mtx/matrix.mtx").shape


def doublets_and_more() -> object:
    import scanpy as sc

    cells = _cells()
    sc.pp.scrublet(cells, n_prin_comps=5, verbose=False)
    measured = sc.metrics.gearys_c(sc.pp.neighbors(cells, n_neighbors=5, use_rep="X", copy=True), vals=cells.X[:, 0])
    grouped = sc.get.aggregate(cells, "batch", ["mean", "var"])
    return "doublet_score" in cells.obs, 0 < float(measured) < 3, grouped.shape
