"""A second opinion by a model of paddle, which is made when it is first asked for."""

import tempfile
from functools import cache

import numpy as np

from vision.opening import opened


@cache
def _predictor():
    import paddle
    from paddle import inference

    paddle.seed(1)
    layer = paddle.nn.Sequential(
        paddle.nn.Conv2D(3, 8, 3, stride=4), paddle.nn.ReLU(), paddle.nn.AdaptiveAvgPool2D(1), paddle.nn.Flatten(), paddle.nn.Linear(8, 2), paddle.nn.Softmax()
    )
    layer.eval()
    folder = tempfile.mkdtemp()
    paddle.jit.save(layer, f"{folder}/m", input_spec=[paddle.static.InputSpec([None, 3, 96, 96], "float32")])
    config = inference.Config(f"{folder}/m.json", f"{folder}/m.pdiparams")
    config.disable_glog_info()
    return inference.create_predictor(config)


def run(data: bytes, how: dict):
    picture = np.asarray(opened(data).convert("RGB").resize((96, 96)), "float32").transpose(2, 0, 1)[None] / 255
    predictor = _predictor()
    predictor.get_input_handle(predictor.get_input_names()[0]).copy_from_cpu(np.ascontiguousarray(picture))
    predictor.run()
    found = predictor.get_output_handle(predictor.get_output_names()[0]).copy_to_cpu()
    return {"sum": round(float(found.sum()), 3), "shape": list(found.shape)}
