"""Meshes: shapes, files by extension, rays, cuts, scenes, graphs; what needs more than is there."""

import io
import os
import warnings

warnings.simplefilter("ignore")
import numpy as np
import trimesh


def attempt(name, action):
    np.random.seed(1)
    try:
        print(name, action(), flush=True)
    except BaseException as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[0][:100], flush=True)


box = trimesh.creation.box((1, 2, 3))
ball = trimesh.creation.icosphere(2)
for kind in ("stl", "stl_ascii", "ply", "obj", "off", "glb", "gltf", "3mf", "dae", "xyz", "json", "dict", "dict64", "collada"):

    def moved():
        data = box.export(file_type=kind)
        if isinstance(data, dict):
            return kind, len(data)
        again = trimesh.load(io.BytesIO(data if isinstance(data, bytes) else data.encode()), file_type=kind)
        return type(again).__name__, len(data) > 50

    attempt(kind, moved)
attempt("volume", lambda: (round(float(box.volume), 3), box.is_watertight, round(float(ball.area), 1), box.euler_number))
attempt("hull", lambda: len(trimesh.PointCloud(np.random.rand(30, 3)).convex_hull.faces) > 4)
attempt("ray", lambda: len(ball.ray.intersects_location([[0, 0, -5]], [[0, 0, 1]])[0]))
attempt("inside", lambda: ball.contains([[0, 0, 0], [5, 5, 5]]).tolist())
attempt("near", lambda: round(float(trimesh.proximity.ProximityQuery(ball).signed_distance([[0, 0, 0.5]])[0]), 1))
attempt("section", lambda: len(ball.section([0, 0, 1], [0, 0, 0]).to_2D()[0].polygons_full))
attempt("extruded", lambda: round(float(trimesh.creation.extrude_polygon(__import__("shapely").box(0, 0, 1, 1), 2).volume), 1))
attempt("sliced", lambda: len(trimesh.intersections.slice_mesh_plane(ball, [0, 0, 1], [0, 0, 0]).faces) > 4)
attempt("together", lambda: trimesh.boolean.union([box, ball]).volume)
attempt("sampled", lambda: box.sample(10).shape)
attempt("voxels", lambda: ball.voxelized(0.5).shape)
attempt("smooth", lambda: len(trimesh.smoothing.filter_laplacian(ball.copy()).vertices))
attempt("simple", lambda: len(ball.simplify_quadric_decimation(0.5).faces))
attempt("divided", lambda: len(box.subdivide().faces))
attempt("graph", lambda: (len(trimesh.graph.connected_components(box.face_adjacency)), len(box.split())))
attempt("registered", lambda: trimesh.registration.procrustes(box.vertices, box.vertices)[2] < 1e-6)
attempt("scene", lambda: (len(trimesh.Scene([box, ball]).geometry), trimesh.Scene([box]).export(file_type="glb")[:4]))
attempt(
    "path",
    lambda: (
        lambda path: (
            path.length,
            sorted(path.export(file_type=kind)[:1] if isinstance(path.export(file_type=kind), str) else "d" for kind in ("svg", "dxf", "dict")),
        )
    )(trimesh.load_path(np.array([[0, 0], [1, 0], [1, 1]]))),
)
attempt("transformations", lambda: trimesh.transformations.rotation_matrix(1, [0, 0, 1]).shape)
attempt("primitive", lambda: round(float(trimesh.primitives.Capsule(radius=1, height=2).volume), 1))
attempt("inertia", lambda: box.moment_inertia.diagonal().round(2).tolist())
attempt("colours", lambda: (box.visual.kind, trimesh.visual.color.hex_to_rgba("#ff0000").tolist(), trimesh.visual.interpolate([0, 1], "viridis").shape))
attempt("units", lambda: trimesh.units.unit_conversion("inches", "mm"))
attempt("resources", lambda: [len(trimesh.resources.get_string(name)) > 10 for name in ("templates/base.svg", "units_to_inches.json")])
attempt("shown", lambda: trimesh.Scene([box]).save_image())
attempt("page", lambda: len(trimesh.viewer.notebook.scene_to_html(trimesh.Scene([box]))) > 900)
attempt("formats", lambda: len(trimesh.available_formats()) > 9)
attempt("nothing", lambda: trimesh.load("/nothing.stl"))
attempt("rubbish", lambda: trimesh.load(io.BytesIO(b"x"), file_type="tea"))
attempt("command", lambda: __import__("trimesh.__main__") is not None)
os._exit(0)
