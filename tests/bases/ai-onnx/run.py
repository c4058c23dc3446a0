import numpy
import onnxruntime

session = onnxruntime.InferenceSession("/models/double.onnx", providers=["CPUExecutionProvider"])
(answer,) = session.run(None, {"x": numpy.array([1, 2, 3], dtype=numpy.float32)})
print(answer.tolist())
