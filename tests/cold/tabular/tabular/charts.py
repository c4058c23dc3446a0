"""Charts in whatever form matplotlib knows."""
import io

import matplotlib

matplotlib.use("Agg")


def draw(form, style="default", font="DejaVu Sans", kind="line", text="scores", **_):
    import matplotlib.pyplot as plt

    with plt.style.context(style), plt.rc_context({"font.family": font, "svg.hashsalt": "x"}):
        figure = plt.figure()
        axes = figure.add_subplot(projection="3d" if kind == "surface" else "polar" if kind == "polar" else None)
        if kind == "surface":
            import numpy as np

            x, y = np.meshgrid(range(5), range(5))
            axes.plot_surface(x, y, x * y, cmap="magma")
        elif kind == "hist":
            axes.hist([1, 2, 2, 3], bins="auto")
        elif kind == "scatter":
            from pandas.plotting import scatter_matrix
            import pandas as pd

            plt.close(figure)
            figure = scatter_matrix(pd.DataFrame({"a": [1, 2, 4, 3], "b": [3, 1, 2, 4]}), diagonal="kde")[0, 0].figure
        else:
            axes.plot([1, 3, 2], label=r"$\alpha^2 + \sqrt{x}$")
            axes.legend()
        figure.suptitle(text)
        target = io.BytesIO()
        figure.savefig(target, format=form)
        plt.close(figure)
    return target.getvalue()
