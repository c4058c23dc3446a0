import mlflow
from mlflow.entities import SpanType

mlflow.set_tracking_uri(f"sqlite:///{HERE}/traces.db")
mlflow.set_experiment("traced")


@mlflow.trace(span_type=SpanType.TOOL, attributes={"kind": "sum"})
def add(a, b):
    return a + b


@mlflow.trace
def fails():
    raise ValueError("on purpose")


@mlflow.trace
async def later(a):
    return add(a, 1)


add(1, 2)
import asyncio

show("async", asyncio.run(later(4)))
try:
    fails()
except ValueError as error:
    show("error", error)
with mlflow.start_span("outer") as outer:
    outer.set_inputs({"x": 1})
    with mlflow.start_span("inner", span_type=SpanType.LLM) as inner:
        inner.set_attribute("tokens", 3)
    outer.set_outputs({"y": 2})
mlflow.flush_trace_async_logging() if hasattr(mlflow, "flush_trace_async_logging") else None
traces = mlflow.search_traces(return_type="list")
show("traces", len(traces), sorted(str(trace.info.state.value) for trace in traces))
broken = next(trace for trace in traces if trace.info.state.value == "ERROR")
show("event", broken.data.spans[0].events[0].attributes["exception.type"], "on purpose" in broken.data.spans[0].events[0].attributes["exception.stacktrace"])
nested = next(trace for trace in traces if len(trace.data.spans) == 2 and trace.data.spans[0].name == "outer")
show("nested", [(span.name, span.span_type) for span in nested.data.spans])
mlflow.log_feedback(trace_id=nested.info.trace_id, name="good", value=True, rationale="because")
show("feedback", mlflow.get_trace(nested.info.trace_id).info.assessments[0].name)

mlflow.genai.register_prompt(name="greet", template="Hello {{ name }}", commit_message="first")
show("prompt", mlflow.genai.load_prompt("prompts:/greet/1").format(name="Ada"))
from mlflow.genai.scorers import scorer


@scorer
def exact(outputs, expectations):
    return outputs == expectations["answer"]


done = mlflow.genai.evaluate(
    data=[{"inputs": {"a": 1, "b": 2}, "expectations": {"answer": 3}}, {"inputs": {"a": 1, "b": 1}, "expectations": {"answer": 3}}],
    predict_fn=add,
    scorers=[exact],
)
show("evaluated", done.metrics)
