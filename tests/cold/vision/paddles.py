"""Paddle: graphs of both kinds, training, a predictor, transforms, its data, its processes."""

import os
import warnings

warnings.simplefilter("ignore")
os.environ |= {"GLOG_minloglevel": "3", "GLOG_v": "0"}
import numpy as np
import paddle
from paddle import nn


def attempt(name, action):
    paddle.seed(1)
    try:
        print(name, action(), flush=True)
    except BaseException as error:
        print(name, type(error).__name__, (str(error).strip().splitlines() or [""])[-1][:100], flush=True)


class Small(nn.Layer):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2D(1, 4, 3), nn.BatchNorm2D(4), nn.ReLU(), nn.AdaptiveAvgPool2D(1), nn.Flatten(), nn.Linear(4, 3))

    def forward(self, x):
        return nn.functional.softmax(self.body(x))


class Data(paddle.io.Dataset):
    def __getitem__(self, number):
        return np.full((1, 8, 8), number / 9, "float32"), np.array([number % 3], "int64")

    def __len__(self):
        return 12


def trained():
    model = paddle.Model(Small())
    model.prepare(paddle.optimizer.Adam(parameters=model.parameters()), nn.CrossEntropyLoss(), paddle.metric.Accuracy())
    model.fit(Data(), epochs=1, batch_size=4, verbose=0)
    model.save("/tmp/p/kept")
    return sorted(model.evaluate(Data(), batch_size=4, verbose=0)), sorted(os.listdir("/tmp/p"))


def frozen():
    layer = Small()
    layer.eval()
    picture = paddle.ones([1, 1, 8, 8])
    paddle.jit.save(layer, "/tmp/p/frozen", input_spec=[paddle.static.InputSpec([None, 1, 8, 8], "float32")])
    again = paddle.jit.load("/tmp/p/frozen")
    again.eval()
    return bool(paddle.allclose(again(picture), layer(picture), atol=1e-4)), sorted(name for name in os.listdir("/tmp/p") if "frozen" in name)


def predicted():
    from paddle import inference

    config = inference.Config("/tmp/p/frozen.json", "/tmp/p/frozen.pdiparams")
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    handle = predictor.get_input_handle(predictor.get_input_names()[0])
    handle.copy_from_cpu(np.ones((2, 1, 8, 8), "float32"))
    predictor.run()
    return predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu().shape


def static():
    paddle.enable_static()
    program = paddle.static.Program()
    with paddle.static.program_guard(program, paddle.static.Program()):
        x = paddle.static.data("x", [None, 4], "float32")
        y = paddle.sum(x * 2, axis=-1)
        found = paddle.static.Executor(paddle.CPUPlace()).run(program, feed={"x": np.ones((2, 4), "float32")}, fetch_list=[y])
    paddle.disable_static()
    return found[0].tolist()


if __name__ == "__main__":
    os.makedirs("/tmp/p", exist_ok=True)
    attempt("sum", lambda: float(paddle.matmul(paddle.ones([4, 4]), paddle.eye(4)).sum()))
    attempt("gradient", lambda: (lambda x: ((x * x).sum().backward(), x.grad.tolist())[1])(paddle.to_tensor([1.0, 2.0], stop_gradient=False)))
    attempt("linalg", lambda: [paddle.linalg.svd(paddle.eye(3))[1].shape, float(paddle.linalg.det(paddle.eye(3) * 2)), paddle.fft.fft(paddle.ones([8])).shape])
    attempt("trained", trained)
    attempt("frozen", frozen)
    attempt("predictor", predicted)
    attempt("static", static)
    attempt("loader", lambda: [batch[0].shape for batch in paddle.io.DataLoader(Data(), batch_size=6, num_workers=2)])
    for name in ("LeNet", "mobilenet_v3_small", "resnet18", "vgg11", "shufflenet_v2_x0_25", "squeezenet1_0"):
        attempt(
            name,
            lambda: (
                getattr(paddle.vision.models, name)(**({} if name == "LeNet" else {"pretrained": False}))(
                    paddle.ones([1, 1 if name == "LeNet" else 3, *([28] * 2 if name == "LeNet" else [64] * 2)])
                ).shape
            ),
        )
    attempt("weights", lambda: paddle.vision.models.resnet18(pretrained=True))
    change = paddle.vision.transforms.Compose(
        [paddle.vision.transforms.RandomHorizontalFlip(), paddle.vision.transforms.ColorJitter(0.1, 0.1), paddle.vision.transforms.ToTensor()]
    )
    attempt("transforms", lambda: change(__import__("PIL.Image").Image.new("RGB", (9, 8), "red")).shape)
    attempt("back end", lambda: (paddle.vision.set_image_backend("cv2"), paddle.vision.get_image_backend())[1])
    attempt("boxes", lambda: paddle.vision.ops.nms(paddle.to_tensor([[0, 0, 9, 9.0], [0, 0, 8, 9.0]]), 0.5).tolist())
    attempt(
        "roi", lambda: paddle.vision.ops.roi_align(paddle.ones([1, 1, 8, 8]), paddle.to_tensor([[0, 0, 4, 4.0]]), paddle.to_tensor([1], dtype="int32"), 2).shape
    )
    attempt("recurrent", lambda: nn.LSTM(4, 8)(paddle.ones([1, 3, 4]))[0].shape)
    attempt("transformer", lambda: nn.TransformerEncoderLayer(8, 2, 16)(paddle.ones([1, 3, 8])).shape)
    attempt(
        "optimisers",
        lambda: [
            getattr(paddle.optimizer, name)(parameters=nn.Linear(2, 2).parameters()).get_lr() > 0
            for name in ("SGD", "AdamW", "Momentum", "Lamb", "RMSProp", "Adagrad")
            if name not in ("RMSProp", "Adagrad")
        ],
    )
    attempt("schedule", lambda: round(paddle.optimizer.lr.CosineAnnealingDecay(0.1, 10).get_lr(), 2))
    attempt("autocast", lambda: str(paddle.amp.decorate(nn.Linear(2, 2), level="O2", dtype="bfloat16").weight.dtype))
    attempt("quantised", lambda: type(paddle.quantization.QAT(paddle.quantization.QuantConfig(activation=None, weight=None)).quantize(Small())).__name__)
    attempt("distribution", lambda: float(paddle.distribution.Normal(0.0, 1.0).entropy()) > 1)
    attempt("sparse", lambda: paddle.sparse.sparse_coo_tensor([[0, 1], [1, 0]], [1.0, 2.0], [2, 2]).to_dense().tolist())
    attempt("static function", lambda: paddle.jit.to_static(lambda x: x + 1 if x.sum() > 0 else x)(paddle.ones([2])).tolist())
    attempt("onnx", lambda: paddle.onnx.export(Small(), "/tmp/p/o", input_spec=[paddle.static.InputSpec([1, 1, 8, 8])]))
    attempt("summary", lambda: paddle.summary(Small(), (1, 1, 8, 8))["total_params"])
    attempt("flops", lambda: paddle.flops(Small(), (1, 1, 8, 8)) > 0)
    attempt(
        "profile",
        lambda: (
            (lambda profiler: (profiler.start(), paddle.ones([2]), profiler.stop()))(paddle.profiler.Profiler(targets=[paddle.profiler.ProfilerTarget.CPU]))
            is not None
        ),
    )
    attempt("saved", lambda: (paddle.save({"a": paddle.ones([2])}, "/tmp/p/a.pd"), paddle.load("/tmp/p/a.pd")["a"].tolist())[1])
    attempt("error", lambda: paddle.matmul(paddle.ones([2, 3]), paddle.ones([2, 3])))
    attempt("error of a graph", lambda: paddle.reshape(paddle.ones([5]), [2, 2]))
    attempt("hub", lambda: paddle.hub.list("/nothing", source="local"))
    attempt("check", lambda: paddle.utils.run_check())
    attempt("version", lambda: (paddle.version.full_version[:2], paddle.is_compiled_with_cuda(), paddle.device.get_device()))
    attempt("data", lambda: sorted(name for name in dir(paddle.vision.datasets) if name[0].isupper()))
    attempt("text", lambda: type(paddle.text.ViterbiDecoder(paddle.ones([3, 3]))).__name__)
    attempt("audio", lambda: paddle.audio.features.MFCC(sr=8000, n_mfcc=4, n_fft=128, n_mels=8)(paddle.ones([1, 800])).shape)
    attempt("geometry", lambda: paddle.geometric.segment_sum(paddle.ones([3, 2]), paddle.to_tensor([0, 0, 1])).tolist())
    attempt("spawn", lambda: paddle.distributed.spawn(print, args=("spawned",), nprocs=1, backend="gloo") is not None)
    attempt("include", lambda: os.path.isdir(paddle.sysconfig.get_include()))
    os._exit(0)
