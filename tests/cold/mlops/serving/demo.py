"""A page on which people try the model."""

import gradio as gr
import mlflow
import pandas as pd


def churn(age: float, visits: int, spent: float, plan: str) -> tuple[str, dict[str, float]]:
    if spent < 0:
        raise gr.Error("nobody spends less than nothing")
    table = pd.DataFrame([{"age": float(age), "visits": int(visits), "spent": float(spent), "plan": plan}])
    leaves = float(mlflow.pyfunc.load_model("models:/churn@champion").predict(table)[0])
    return ("leaves" if leaves else "stays"), {"leaves": leaves, "stays": 1 - leaves}


def described(file: str) -> pd.DataFrame:
    return pd.read_csv(file).describe().reset_index()


with gr.Blocks(title="Churn") as page:
    gr.Markdown("# Who leaves?")
    with gr.Row():
        asked = [gr.Slider(18, 99, 40, label="age"), gr.Number(3, label="visits"), gr.Number(10, label="spent"), gr.Dropdown(["basic", "full"], label="plan")]
        answered = [gr.Textbox(label="answer"), gr.Label()]
    gr.Button("ask").click(churn, asked, answered, api_name="churn")
    with gr.Tab("table"):
        file = gr.File(label="table")
        gr.Button("describe").click(described, file, gr.Dataframe(), api_name="describe")

if __name__ == "__main__":
    page.launch(server_name="0.0.0.0", server_port=7860)
