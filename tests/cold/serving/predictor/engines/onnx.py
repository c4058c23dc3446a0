import numpy
import onnxruntime


def load(path, output=0, providers=("CPUExecutionProvider",), profile=False):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_profiling = profile
    session = onnxruntime.InferenceSession(path, options, providers=list(providers))
    name = session.get_inputs()[0].name
    return lambda rows: session.run(None, {name: numpy.asarray(rows, dtype=numpy.float32)})[output]
