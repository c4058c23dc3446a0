"""Drawing without a screen: VTK with each of its windows, pyvista, pyrender, moderngl, EGL by hand."""

import os
import subprocess
import sys

import numpy as np

_VTK = """
import vtk
sphere = vtk.vtkSphereSource()
sphere.SetThetaResolution(24)
mapper = vtk.vtkPolyDataMapper()
mapper.SetInputConnection(sphere.GetOutputPort())
actor = vtk.vtkActor()
actor.SetMapper(mapper)
actor.GetProperty().SetColor(1, 0, 0)
text = vtk.vtkTextActor()
text.SetInput("tea")
renderer = vtk.vtkRenderer()
renderer.AddActor(actor)
renderer.AddViewProp(text)
window = vtk.vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetSize(64, 64)
window.AddRenderer(renderer)
window.Render()
grab = vtk.vtkWindowToImageFilter()
grab.SetInput(window)
grab.Update()
from vtk.util.numpy_support import vtk_to_numpy
colours = vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
says = window.ReportCapabilities()
print(window.GetClassName(), "llvmpipe" in says or "softpipe" in says, int((colours[:, 0] > 60).sum() > 300))
"""


def _elsewhere(code: str, **more: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **more})
    lines = done.stdout.strip().splitlines() or [f"status {done.returncode} " + (done.stderr.strip().splitlines() or [""])[-1][:150]]
    return lines[-1]


def vtk_by_itself() -> object:
    return _elsewhere(_VTK)


def vtk_by_egl() -> object:
    return _elsewhere(_VTK, VTK_DEFAULT_OPENGL_WINDOW="vtkEGLRenderWindow")


def vtk_by_mesa() -> object:
    return _elsewhere(_VTK, VTK_DEFAULT_OPENGL_WINDOW="vtkOSOpenGLRenderWindow")


def volume() -> object:
    import pyvista as pv

    pv.OFF_SCREEN = True
    grid = pv.ImageData(dimensions=(16, 16, 16))
    grid["v"] = np.linalg.norm(grid.points - 7.5, axis=1)
    plot = pv.Plotter(off_screen=True, window_size=(80, 60))
    plot.add_volume(grid, cmap="bone", opacity="sigmoid")
    return plot.screenshot(None, return_img=True).shape


def views() -> object:
    import pyvista as pv

    pv.OFF_SCREEN = True
    pv.set_plot_theme("document")
    mesh = pv.Sphere()
    mesh["z"] = mesh.points[:, 2]
    plot = pv.Plotter(off_screen=True, shape=(1, 2), window_size=(160, 80))
    plot.add_mesh(mesh, scalars="z", cmap="viridis", show_edges=True, scalar_bar_args={"title": "height"})
    plot.add_text("plates", font="courier")
    plot.show_bounds()
    plot.subplot(0, 1)
    plot.add_mesh(mesh.contour(5), line_width=2, color="tomato")
    plot.add_point_labels(mesh.points[:2], ["a", "b"])
    plot.enable_eye_dome_lighting()
    shot = plot.screenshot("a.png", return_img=True)
    out = [shot.shape]
    for end in ("svg", "pdf", "eps"):
        plot = pv.Plotter(off_screen=True)
        plot.add_mesh(pv.Cube())
        plot.save_graphic(f"a.{end}")
        out.append((end, os.path.getsize(f"a.{end}") > 1000))
    plot = pv.Plotter(off_screen=True)
    plot.add_mesh(pv.Cube(), color="blue")
    for name, call in (("gltf", plot.export_gltf), ("obj", plot.export_obj), ("vrml", plot.export_vrml)):
        call(f"a.{name}")
        out.append((name, os.path.exists(f"a.{name}")))
    return out


def formulas() -> object:
    import vtk

    text = vtk.vtkMathTextUtilities.GetInstance()
    image = vtk.vtkImageData()
    dims = [0, 0]
    style = vtk.vtkTextProperty()
    style.SetFontSize(24)
    made = text is not None and text.RenderString("$\\int_0^1 x^2 dx$", image, style, 120, dims)
    return text.GetClassName() if text else None, bool(made), image.GetDimensions()[0] > 20


def a_film() -> object:
    import pyvista as pv

    pv.OFF_SCREEN = True
    plot = pv.Plotter(off_screen=True, window_size=(64, 64))
    plot.add_mesh(pv.Cone())
    plot.open_gif("a.gif")
    for _ in range(3):
        plot.camera.azimuth += 20
        plot.write_frame()
    plot.close()
    from PIL import Image

    return Image.open("a.gif").n_frames


_PYRENDER = """
import numpy as np
np.infty = np.inf
import pyrender, trimesh
scene = pyrender.Scene(ambient_light=[.3, .3, .3])
scene.add(pyrender.Mesh.from_trimesh(trimesh.creation.icosphere(), smooth=True))
pose = np.eye(4); pose[2, 3] = 3
scene.add(pyrender.PerspectiveCamera(yfov=1.0, zfar=10.0), pose=pose)
scene.add(pyrender.DirectionalLight(color=[1, 1, 1], intensity=3), pose=pose)
renderer = pyrender.OffscreenRenderer(64, 48)
colour, depth = renderer.render(scene)
from OpenGL.GL import glGetString, GL_VERSION
print(colour.shape, int((depth > 0).sum() > 300))
renderer.delete()
"""


def pyrender_by_egl() -> object:
    return _elsewhere(_PYRENDER, PYOPENGL_PLATFORM="egl")


def pyrender_by_mesa() -> object:
    return _elsewhere(_PYRENDER, PYOPENGL_PLATFORM="osmesa")


_MODERN = """
import moderngl, numpy as np
context = moderngl.create_context(standalone=True, backend="egl")
program = context.program(vertex_shader="#version 330\\nin vec2 at; void main() { gl_Position = vec4(at, 0, 1); }", fragment_shader="#version 330\\nout vec4 c; void main() { c = vec4(0, 1, 0, 1); }")
points = context.buffer(np.array([-1, -1, 1, -1, 0, 1], "f4"))
frame = context.simple_framebuffer((32, 32))
frame.use()
frame.clear()
context.vertex_array(program, points, "at").render()
green = np.frombuffer(frame.read(components=3), "u1").reshape(32, 32, 3)[..., 1]
work = context.compute_shader("#version 430\\nlayout(local_size_x=4) in; layout(std430, binding=0) buffer B { float v[]; }; void main() { v[gl_GlobalInvocationID.x] *= 2; }")
box = context.buffer(np.arange(8, dtype="f4"))
box.bind_to_storage_buffer(0)
work.run(2)
print(int((green > 200).sum() > 200), np.frombuffer(box.read(), "f4").sum(), "llvmpipe" in context.info["GL_RENDERER"])
"""


def modern() -> object:
    return _elsewhere(_MODERN)


def egl_by_hand() -> object:
    """No binding at all: the two libraries by their names."""
    import ctypes

    egl, gles = (ctypes.CDLL(f"lib{kind}.so.{number}") for kind, number in (("EGL", 1), ("GLESv2", 2)))
    egl.eglGetDisplay.restype = egl.eglCreateContext.restype = egl.eglCreatePbufferSurface.restype = ctypes.c_void_p
    egl.eglGetPlatformDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(egl.eglGetPlatformDisplay(0x31DD, None, None))
    major, minor = ctypes.c_int(), ctypes.c_int()
    if not egl.eglInitialize(display, ctypes.byref(major), ctypes.byref(minor)):
        return "no display"
    wanted = (ctypes.c_int * 7)(0x3033, 0x0001, 0x3040, 0x0004, 0x3024, 8, 0x3038)
    config, count = ctypes.c_void_p(), ctypes.c_int()
    egl.eglChooseConfig(display, wanted, ctypes.byref(config), 1, ctypes.byref(count))
    egl.eglBindAPI(0x30A0)
    context = ctypes.c_void_p(egl.eglCreateContext(display, config, None, (ctypes.c_int * 3)(0x3098, 2, 0x3038)))
    surface = ctypes.c_void_p(egl.eglCreatePbufferSurface(display, config, (ctypes.c_int * 5)(0x3057, 8, 0x3056, 8, 0x3038)))
    egl.eglMakeCurrent(display, surface, surface, context)
    gles.glGetString.restype = ctypes.c_char_p
    gles.glClearColor.argtypes = [ctypes.c_float] * 4
    gles.glClearColor(0.0, 0.0, 1.0, 1.0)
    gles.glClear(0x4000)
    pixel = (ctypes.c_ubyte * 4)()
    gles.glReadPixels(0, 0, 1, 1, 0x1908, 0x1401, pixel)
    return f"{major.value}.{minor.value}", b"llvmpipe" in gles.glGetString(0x1F01), list(pixel)


def drivers_by_name() -> object:
    return [_elsewhere(_MODERN, GALLIUM_DRIVER=name) for name in ("llvmpipe", "softpipe")], _elsewhere(
        _MODERN, MESA_LOADER_DRIVER_OVERRIDE="zink", LIBGL_KOPPER_DRI2="1"
    )[:3] != ""
