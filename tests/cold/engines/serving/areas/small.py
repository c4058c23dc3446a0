"""Chores of LiteRT and numexpr."""

import numpy as np

from serving.shared import MODELS, Tries

X = np.ones((1, 4), np.float32)


def lite() -> dict:
    """LiteRT: resolvers, signatures, delegates, the new API, what is no model."""
    from ai_edge_litert import interpreter as litert

    tried, path = Tries(), str(MODELS / "iris.tflite")

    def run(**given) -> list:
        made = litert.Interpreter(path, **given)
        made.allocate_tensors()
        made.set_tensor(0, X)
        made.invoke()
        return made.get_tensor(made.get_output_details()[0]["index"])

    for kind in litert.OpResolverType:
        tried(f"resolver {kind.name}", lambda kind=kind: run(experimental_op_resolver_type=kind))
    tried("threads", lambda: run(num_threads=2))
    tried("preserved", lambda: run(experimental_preserve_all_tensors=True))
    tried("operators", lambda: [item["op_name"] for item in litert.Interpreter(path)._get_ops_details()])
    tried("signatures", lambda: litert.Interpreter(path).get_signature_list())
    tried("no signature", lambda: litert.Interpreter(path).get_signature_runner("nothing"))
    tried("content", lambda: litert.Interpreter(model_content=(MODELS / "iris.tflite").read_bytes()).get_input_details()[0]["name"])
    tried("delegate", lambda: litert.load_delegate("/nothing.so"))
    tried("not there", lambda: litert.Interpreter("/nothing"))
    tried("no model", lambda: litert.Interpreter(str(MODELS / "texts.txt")))
    tried("cut", lambda: litert.Interpreter(model_content=(MODELS / "iris.tflite").read_bytes()[:90]))
    tried("wrong shape", lambda: (lambda made: (made.allocate_tensors(), made.set_tensor(0, np.ones((1, 5), np.float32))))(litert.Interpreter(path)))
    tried("not ready", lambda: litert.Interpreter(path).invoke())

    def compiled() -> list:
        from ai_edge_litert.compiled_model import CompiledModel

        model = CompiledModel.from_file(path)
        inputs, outputs = model.create_input_buffers(0), model.create_output_buffers(0)
        inputs[0].write(X)
        model.run_by_index(0, inputs, outputs)
        return outputs[0].read(3, np.float32)

    def fields() -> list:
        from ai_edge_litert import schema_py_generated as schema

        model = schema.ModelT.InitFromPackedBuf((MODELS / "iris.tflite").read_bytes(), 0)
        return [model.description, len(model.subgraphs[0].operators)]

    tried("compiled", compiled)
    tried("fields", fields)
    return tried.done


def formulas() -> dict:
    """numexpr: functions, kinds, threads, errors."""
    import numexpr as ne

    tried = Tries()
    a = np.arange(6.0)
    for text in (
        "where(a > 2, a, -a)",
        "sum(a)",
        "arctan2(a, 2)",
        "a ** 0.5 + expm1(a)",
        "a.real",
        "contains('tea', 'e')",
        "nothing(a)",
        "__import__('os')",
        "complex(a, 1)",
        "a % 4 << 1",
    ):
        tried(text, lambda text=text: ne.evaluate(text, {"a": a}))
    tried("threads", lambda: [ne.set_num_threads(2) > 0, ne.detect_number_of_cores() > 0])
    tried("again", lambda: [ne.evaluate("a + 1", {"a": a}).sum(), ne.re_evaluate({"a": a}).sum()])
    tried("disassembled", lambda: len(ne.disassemble(ne.NumExpr("a + 1"))))
    tried("validated", lambda: str(ne.validate("a + (", {"a": a})))
    tried("test", lambda: ne.get_vml_version())
    return tried.done


def answer() -> dict:
    """One answer of numpy's and scipy's, for a look at other processors."""
    import scipy.linalg

    x = np.random.default_rng(5).normal(size=(64, 64))
    return {
        "numpy": round(float(np.abs(x @ x).sum()), 1),
        "scipy": round(float(np.abs(scipy.linalg.eigvalsh(x + x.T)).sum()), 1),
        "float": round(float(np.abs(x.astype(np.float32) @ x.astype(np.float32)).sum()), 0),
    }
