"""A little of each library that chooses its kernels by the processor; called with switches that hide features of it."""

import os
import sys
import warnings

warnings.simplefilter("ignore")
import cv2
import numpy as np
import onnxruntime
import torch

print(sys.argv[1:], torch.backends.cpu.get_cpu_capability() if "ATEN_CPU_CAPABILITY" in os.environ else "", end=" ")
rng = np.random.default_rng(1)
a = rng.random((64, 64))
print(round(float((a @ a).sum()), 3), np.linalg.svd(a)[1].shape, np.sort(a.astype("f4"), axis=0)[3, 3].round(4), end=" ")
torch.manual_seed(1)
x = torch.rand(1, 3, 32, 32)
print(
    torch.nn.Conv2d(3, 8, 3)(x).shape,
    round(float(torch.fft.fft2(x).abs().sum()), 1),
    torch.nn.functional.interpolate(x, 8).shape,
    (x.bfloat16() @ x.bfloat16()).dtype,
    end=" ",
)
print(cv2.GaussianBlur(a.astype("f4"), (5, 5), 1).sum().round(0), cv2.resize(a, (9, 9)).shape, end=" ")
import rapidocr_onnxruntime

session = onnxruntime.InferenceSession(
    os.path.join(os.path.dirname(rapidocr_onnxruntime.__file__), "models/ch_ppocr_mobile_v2.0_cls_infer.onnx"), providers=["CPUExecutionProvider"]
)
print(session.run(None, {session.get_inputs()[0].name: np.ones((1, 3, 48, 192), "float32")})[0].shape, end=" ")
from scipy import fft, linalg, ndimage

print(linalg.lu(a)[0].shape, fft.dct(a).shape, ndimage.gaussian_filter(a, 1).shape, end=" ")
if "paddle" in sys.argv:
    import paddle

    print(float(paddle.matmul(paddle.ones([8, 8]), paddle.ones([8, 8])).sum()), paddle.nn.Conv2D(3, 4, 3)(paddle.ones([1, 3, 8, 8])).shape, end=" ")
print(flush=True)
os._exit(0)
