"""Meshes in many formats: trimesh, meshio, VTK's readers and writers, glTF."""

import io
import os

import numpy as np


def trimesh_formats() -> object:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=1)
    out = []
    for kind in ("stl", "stl_ascii", "ply", "off", "obj", "glb", "gltf", "3mf", "dae", "json", "dict", "dict64", "xyz", "svg"):
        try:
            data = ball.export(file_type=kind)
            if isinstance(data, str | bytes) and kind in ("stl", "ply", "off", "obj", "glb", "3mf", "xyz"):
                raw = data.encode() if isinstance(data, str) else data
                again = trimesh.load(io.BytesIO(raw), file_type=kind)
                out.append(
                    (
                        kind,
                        type(again).__name__,
                        len(getattr(again, "vertices", getattr(getattr(again, "dump", lambda **_: ball)(concatenate=True), "vertices", ()))),
                    )
                )
            else:
                out.append((kind, type(data).__name__))
        except Exception as error:
            out.append((kind, type(error).__name__))
    return out, len(trimesh.available_formats())


def trimesh_measures() -> object:
    import trimesh

    box = trimesh.creation.box()
    cut = box.slice_plane([0, 0, 0], [0, 0, 1])
    out = [
        box.volume,
        box.is_watertight,
        cut.area,
        box.convex_hull.volume,
        len(trimesh.sample.sample_surface_even(box, 20, seed=1)[0]) > 3,
        box.voxelized(0.25).filled_count,
    ]
    out.append(
        [
            len(item.faces)
            for item in (trimesh.creation.capsule(), trimesh.creation.torus(1, 0.2), trimesh.creation.cylinder(1, 2), trimesh.creation.annulus(0.5, 1, 1))
        ]
    )
    out.append(trimesh.graph.connected_components(box.face_adjacency)[0].shape)
    out.append(box.ray.intersects_location([[0, 0, 5]], [[0, 0, -1]])[0].shape if _has("rtree") else "no rtree")
    try:
        out.append(trimesh.boolean.union([box, trimesh.creation.icosphere()]).volume)
    except Exception as error:
        out.append(type(error).__name__)
    try:
        out.append(len(trimesh.creation.extrude_polygon(None, 1).faces))
    except Exception as error:
        out.append(type(error).__name__)
    return out


def _has(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def trimesh_data() -> object:
    import trimesh
    import trimesh.viewer.notebook
    from trimesh import resources, units

    scene = trimesh.Scene([trimesh.creation.box(), trimesh.creation.axis()])
    box = trimesh.creation.box()
    box.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)))
    colours = trimesh.visual.interpolate(np.arange(4.0), color_map="viridis")
    return (
        len(resources.get_json("units_to_inches.json")) > 10,
        units.unit_conversion("mm", "inches"),
        len(scene.export(file_type="glb")) > 1000,
        colours.shape,
        scene.bounds.shape,
        len(trimesh.viewer.notebook.scene_to_html(scene)) > 10000,
    )


def meshio_formats() -> object:
    import meshio

    mesh = meshio.Mesh(
        np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.0], [0, 0, 1]]),
        [("tetra", np.array([[0, 1, 2, 4], [0, 2, 3, 4]])), ("triangle", np.array([[0, 1, 2]]))],
        point_data={"t": np.arange(5.0)},
    )
    flat = meshio.Mesh(mesh.points, [("triangle", np.array([[0, 1, 2], [0, 2, 3]]))])
    out = []
    for end in (
        "vtk",
        "vtu",
        "msh",
        "inp",
        "mesh",
        "meshb",
        "xdmf",
        "bdf",
        "ugrid",
        "xml",
        "med",
        "cgns",
        "h5m",
        "e",
        "su2",
        "dat",
        "avs",
        "node",
        "vol",
        "post",
        "mdpa",
        "f3grid",
        "wkt",
        "stl",
        "ply",
        "off",
        "obj",
        "tec",
        "svg",
    ):
        for one in (mesh, flat):
            file = f"a.{end}"
            try:
                meshio.write(file, one)
                out.append((end, len(meshio.read(file).points)))
                break
            except BaseException as error:
                last = type(error).__name__
        else:
            out.append((end, last))
    return out


def meshio_commands() -> object:
    import subprocess

    import meshio

    meshio.write("a.vtk", meshio.Mesh(np.eye(3), [("triangle", np.array([[0, 1, 2]]))]))
    out = []
    for words in (
        ["convert", "a.vtk", "b.ply"],
        ["info", "a.vtk"],
        ["ascii", "a.vtk"],
        ["binary", "a.vtk"],
        ["compress", "a.vtk"],
        ["convert", "a.vtk", "c.nothing"],
        ["--version"],
    ):
        out.append(subprocess.run(["meshio", *words], stdin=subprocess.DEVNULL, timeout=60, capture_output=True, check=False).returncode)
    return out


def vtk_formats() -> object:
    import pyvista as pv

    out = []
    ball = pv.Sphere(theta_resolution=6, phi_resolution=6)
    for end in ("vtp", "vtk", "stl", "ply", "obj", "iv", "hdf", "vtkhdf"):
        try:
            ball.save(f"a.{end}")
            out.append((end, pv.read(f"a.{end}").n_points if end != "iv" else os.path.getsize("a.iv") > 100))
        except Exception as error:
            out.append((end, type(error).__name__))
    grid = pv.ImageData(dimensions=(4, 4, 4))
    grid["v"] = np.arange(64)
    for made, ends in (
        (grid, ("vti", "vtk", "nrrd", "mha", "nii", "tif")),
        (grid.cast_to_unstructured_grid(), ("vtu", "vtk")),
        (grid.cast_to_structured_grid(), ("vts",)),
        (grid.cast_to_rectilinear_grid(), ("vtr",)),
        (pv.MultiBlock([ball, grid]), ("vtm", "vtmb")),
    ):
        for end in ends:
            try:
                made.save(f"b.{end}")
                out.append((end, pv.read(f"b.{end}").n_blocks if end.startswith("vtm") else pv.read(f"b.{end}").n_points))
            except Exception as error:
                out.append((end, type(error).__name__))
    return out


def vtk_readers() -> object:
    import vtk

    out = []
    source = vtk.vtkCubeSource()
    for writer, reader, end in (
        (vtk.vtkXMLPolyDataWriter, vtk.vtkXMLPolyDataReader, "vtp"),
        (vtk.vtkSTLWriter, vtk.vtkSTLReader, "stl"),
        (vtk.vtkPLYWriter, vtk.vtkPLYReader, "ply"),
        (vtk.vtkOBJWriter, vtk.vtkOBJReader, "obj"),
        (vtk.vtkPolyDataWriter, vtk.vtkPolyDataReader, "vtk"),
        (vtk.vtkMCubesWriter, vtk.vtkMCubesReader, "tri"),
        (vtk.vtkBYUWriter, vtk.vtkBYUReader, "g"),
    ):
        made = writer()
        made.SetInputConnection(source.GetOutputPort())
        (made.SetGeometryFileName if end == "g" else made.SetFileName)(f"c.{end}")
        made.Write()
        read = reader()
        (read.SetGeometryFileName if end == "g" else read.SetFileName)(f"c.{end}")
        read.Update()
        out.append((end, read.GetOutput().GetNumberOfPoints()))
    for name in (
        "vtkPNGReader",
        "vtkDICOMImageReader",
        "vtkGLTFReader",
        "vtkExodusIIReader",
        "vtkNetCDFReader",
        "vtkGDALRasterReader",
        "vtkLASReader",
        "vtkOpenFOAMReader",
        "vtkCGNSReader",
        "vtkPIOReader",
        "vtkFFMPEGWriter",
        "vtkOggTheoraWriter",
        "vtkSQLiteDatabase",
        "vtkPythonCalculator",
        "vtkXMLPImageDataReader",
        "vtkAMRGaussianPulseSource",
        "vtkChartXY",
        "vtkPDFContextDevice2D",
        "vtkOpenVRRenderer",
    ):
        try:
            out.append((name[3:], hasattr(vtk, name) and getattr(vtk, name)().GetClassName() == name))
        except Exception as error:
            out.append((name[3:], type(error).__name__))
    return out


def vtk_filters() -> object:
    import pyvista as pv
    from pyvista import examples

    plane = examples.load_airplane()
    grid = examples.load_uniform()
    out = [
        plane.n_points,
        plane.decimate(0.5).n_points > 100,
        grid.threshold([300, 500]).n_cells,
        plane.smooth(10).n_points,
        plane.clip("x").n_points > 10,
        grid.slice_orthogonal().n_blocks,
        pv.Sphere().delaunay_3d().n_cells > 10,
    ]
    out += [
        pv.Text3D("tea").n_points > 50,
        pv.wrap(np.random.default_rng(1).random((20, 3))).delaunay_2d().n_cells > 5,
        examples.load_globe_texture().dimensions,
        pv.Sphere().boolean_difference(pv.Cube().triangulate()).n_points > 5,
    ]
    out += [examples.load_ant().n_points, examples.load_hexbeam().n_cells, examples.load_rectilinear().n_points, len(pv.Report(gpu=False).__repr__()) > 200]
    return out


def gltf() -> object:
    import pygltflib
    import trimesh

    trimesh.creation.box().export("a.glb")
    made = pygltflib.GLTF2().load("a.glb")
    made.convert_buffers(pygltflib.BufferFormat.DATAURI)
    made.save("b.gltf")
    from pygltflib.utils import gltf2glb
    from pygltflib.validator import summary, validate

    validate(made)
    return len(made.meshes), os.path.getsize("b.gltf") > 500, callable(summary), gltf2glb("b.gltf", "c.glb", override=True)


def wrong_ones() -> object:
    import meshio
    import pyvista as pv
    import trimesh

    out = []
    with open("bad.stl", "wb") as file:
        file.write(b"solid tea\n")
    with open("bad.vtu", "wb") as file:
        file.write(b"<VTKFile type='UnstructuredGrid'>")
    for call in (
        lambda: trimesh.load("bad.stl"),
        lambda: trimesh.load(io.BytesIO(b"x"), file_type="tea"),
        lambda: trimesh.load("nothing.ply"),
        lambda: meshio.read("bad.vtu"),
        lambda: pv.read("nothing.vtp"),
        lambda: pv.read("bad.tea"),
        lambda: pv.read("bad.vtu").n_points,
    ):
        try:
            out.append(str(type(call()).__name__))
        except BaseException as error:
            out.append(type(error).__name__)
    return out
