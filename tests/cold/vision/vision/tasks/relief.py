"""A picture as a relief, for those who print it: bright is high."""

import numpy as np

from vision.opening import opened


def run(data: bytes, how: dict):
    import trimesh
    from skimage import filters, transform

    grey = np.asarray(opened(data).convert("L"), "float64") / 255
    grey = transform.resize(filters.gaussian(grey, 1), (24, 24))
    ys, xs = np.indices(grey.shape)
    corners = np.column_stack([xs.ravel(), ys.ravel(), grey.ravel() * 4])
    first = (ys[:-1, :-1] * 24 + xs[:-1, :-1]).ravel()
    mesh = trimesh.Trimesh(corners, np.vstack([np.column_stack([first, first + 1, first + 24]), np.column_stack([first + 1, first + 25, first + 24])]))
    return mesh.export(file_type=how.get("to", "stl"))
