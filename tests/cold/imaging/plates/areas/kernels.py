"""Reckoning by OpenCL: pocl on the processor, by its ICD file."""

import os

import numpy as np


def platforms() -> object:
    import pyopencl as cl

    return [(item.name, [device.type == cl.device_type.CPU for device in item.get_devices()]) for item in cl.get_platforms()]


def a_kernel() -> object:
    import pyopencl as cl

    context = cl.create_some_context(interactive=False)
    queue = cl.CommandQueue(context)
    source = np.arange(16, dtype="f4")
    left = cl.Buffer(context, cl.mem_flags.READ_ONLY | cl.mem_flags.COPY_HOST_PTR, hostbuf=source)
    right = cl.Buffer(context, cl.mem_flags.WRITE_ONLY, source.nbytes)
    program = cl.Program(
        context,
        "__kernel void twice(__global const float *a, __global float *b) { int i = get_global_id(0); b[i] = 2 * a[i] + sin(0.0f) + native_sqrt(0.0f); }",
    ).build(options=["-cl-fast-relaxed-math"])
    program.twice(queue, source.shape, None, left, right)
    said = np.empty_like(source)
    cl.enqueue_copy(queue, said, right)
    return float(said.sum()), len(program.get_info(cl.program_info.BINARIES)[0]) > 100


def arrays() -> object:
    import pyopencl as cl
    import pyopencl.array as ca
    import pyopencl.clmath as cm
    import pyopencl.clrandom as cr
    from pyopencl.elementwise import ElementwiseKernel
    from pyopencl.reduction import ReductionKernel
    from pyopencl.scan import GenericScanKernel

    context = cl.create_some_context(interactive=False)
    queue = cl.CommandQueue(context)
    row = ca.to_device(queue, np.arange(32, dtype="f4"))
    each = ElementwiseKernel(context, "float *x, float *y", "y[i] = x[i] * x[i]", "square")
    out = ca.empty_like(row)
    each(row, out)
    dot = ReductionKernel(context, np.float32, neutral="0", reduce_expr="a+b", map_expr="x[i]*y[i]", arguments="__global float *x, __global float *y")
    whole = ca.to_device(queue, np.ones(32, dtype="i4"))
    scan = GenericScanKernel(context, np.int32, arguments="__global int *a", input_expr="a[i]", scan_expr="a+b", neutral="0", output_statement="a[i] = item;")
    scan(whole)
    return float(ca.sum(out).get()), float(dot(row, row).get()), int(whole[-1].get()), float(cm.sin(row)[0].get()), cr.rand(queue, 8, np.float32).shape


def pictures() -> object:
    import pyopencl as cl

    context = cl.create_some_context(interactive=False)
    queue = cl.CommandQueue(context)
    image = cl.image_from_array(context, np.full((8, 8, 4), 7, "u1"), 4)
    program = cl.Program(
        context,
        "__kernel void look(read_only image2d_t a, __global uint *b) { const sampler_t s = CLK_NORMALIZED_COORDS_FALSE | CLK_FILTER_NEAREST; b[get_global_id(0)] = read_imageui(a, s, (int2)(get_global_id(0), 0)).x; }",
    ).build()
    out = cl.Buffer(context, cl.mem_flags.WRITE_ONLY, 32)
    try:
        program.look(queue, (8,), None, image, out)
        said = np.empty(8, "u4")
        cl.enqueue_copy(queue, said, out)
        return int(said.sum())
    except cl.Error as error:
        return type(error).__name__


def wrong_ones() -> object:
    import pyopencl as cl

    context = cl.create_some_context(interactive=False)
    out = []
    for text in ("__kernel void x( {", "__kernel void x(__global float *a) { a[0] = nothing(); }", '#include "nothing.h"\n'):
        try:
            cl.Program(context, text).build()
            out.append("built")
        except cl.RuntimeError as error:
            out.append(type(error).__name__)
    return out


def by_variables() -> object:
    import subprocess
    import sys

    out = []
    for name, value in (
        ("POCL_DEVICES", "cpu-minimal"),
        ("POCL_DEVICES", "cpu"),
        ("POCL_WORK_GROUP_METHOD", "loopvec"),
        ("POCL_WORK_GROUP_METHOD", "cbs"),
        ("POCL_KERNEL_CACHE", "0"),
        ("POCL_MAX_WORK_GROUP_SIZE", "8"),
        ("OCL_ICD_VENDORS", "/nowhere"),
        ("POCL_CPU_MAX_CU_COUNT", "1"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", "from plates.areas import kernels; print(kernels.a_kernel())"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, name: value, "POCL_CACHE_DIR": f"{os.getcwd()}/{name}{value.replace('/', '')}", "PYTHONPATH": "/srv/plates"},
        )
        out.append((name, value, done.stdout.strip() or (done.stderr.strip().splitlines() or [""])[-1][:60]))
    return out, subprocess.run(["clinfo", "-l"], capture_output=True, check=False).stdout.count(b"Platform")
