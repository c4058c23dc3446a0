import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
import gradio as gr
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from PIL import Image

figure = plt.figure()
plt.plot([1, 2])
made = {
    "Image": Image.new("RGB", (8, 8), "red"), "Audio": (8000, np.zeros(800, dtype=np.int16)), "Dataframe": pd.DataFrame({"a": [1]}), "Label": {"a": 0.5, "b": 0.5}, "JSON": {"a": 1},
    "Plot": figure, "HTML": "<b>x</b>", "Markdown": "# x", "Code": "x = 1", "Textbox": "x", "Number": 3, "Slider": 3, "Checkbox": True, "CheckboxGroup": ["a"],
    "Radio": "a", "Dropdown": "a", "ColorPicker": "#ff0000", "HighlightedText": [("a", "b")], "Gallery": [Image.new("RGB", (4, 4))], "DateTime": 0.0,
    "AnnotatedImage": (np.zeros((4, 4, 3), dtype=np.uint8), []), "Chatbot": [{"role": "user", "content": "hi"}], "LinePlot": pd.DataFrame({"x": [1], "y": [2]}),
    "BarPlot": pd.DataFrame({"x": ["a"], "y": [2]}), "ScatterPlot": pd.DataFrame({"x": [1], "y": [2]}), "File": "/srv/platform/data/customers.csv", "ParamViewer": {},
}  # fmt: skip
options = {name: {"choices": ["a", "b"]} for name in ("CheckboxGroup", "Radio", "Dropdown")} | {
    name: {"x": "x", "y": "y"} for name in ("LinePlot", "BarPlot", "ScatterPlot")
}
done = []
with gr.Blocks():
    for name, value in made.items():
        try:
            part = getattr(gr, name)(**options.get(name, {}))
            answered = part.postprocess(value)
            part.get_config(), part.api_info() if name not in ("ParamViewer",) else None
            done.append(name)
        except Exception as error:
            show("part", name, type(error).__name__, str(error)[:200])
show("parts", len(done), done)
themes = [gr.themes.Base, gr.themes.Default, gr.themes.Glass, gr.themes.Monochrome, gr.themes.Soft, gr.themes.Ocean, gr.themes.Citrus, gr.themes.Origin]
show("themes", [(theme.__name__, len(theme(primary_hue="rose")._get_theme_css()) > 5000) for theme in themes])
from gradio.processing_utils import audio_from_file, save_pil_to_cache

import wave

with wave.open("tone.wav", "wb") as tone:
    tone.setparams((1, 2, 8000, 0, "NONE", ""))
    tone.writeframes(b"\0\1" * 800)
rate, samples = audio_from_file("tone.wav")
show("sound", rate, samples.shape)
show("picture", Path(save_pil_to_cache(Image.new("RGB", (2, 2)), str(HERE), format="webp")).suffix)
from gradio.flagging import CSVLogger, SimpleCSVLogger

for logger in (CSVLogger, SimpleCSVLogger):
    one = logger()
    with gr.Blocks():
        one.setup([gr.Textbox(label="word")], str(HERE / logger.__name__))
    show("flagged", logger.__name__, one.flag(["x"]))
show("interface", len(gr.Interface(lambda word: word[::-1], "text", "text", examples=[["a"]], cache_examples=False).get_config_file()["components"]) > 5)
show("chat", len(gr.ChatInterface(lambda message, history: message).get_config_file()["components"]) > 5)
show("tabbed", len(gr.TabbedInterface([gr.Interface(abs, "number", "number")], ["one"]).get_config_file()["components"]) > 5)
from fastapi import FastAPI
from fastapi.testclient import TestClient

mounted = gr.mount_gradio_app(FastAPI(), gr.Interface(lambda word: word[::-1], "text", "text"), path="/g", auth=("ada", "word"))
with TestClient(mounted) as web:
    show("mounted", web.get("/g/").status_code, web.get("/g/config").status_code, web.post("/g/login", data={"username": "ada", "password": "no"}).status_code)
    show("login", web.post("/g/login", data={"username": "ada", "password": "word"}).json())
    show("inside", web.get("/g/config").status_code)
gr.Interface(abs, "number", "number").queue()
Path("hello.py").write_text("import gradio as gr\ndemo = gr.Interface(lambda x: x, 'text', 'text')\ndemo.launch(server_port=7888)\n")
text = run("gradio --help; gradio cc --help; gradio environment")
show("command", "custom component" in text.lower() or "component" in text, "Gradio Environment Information" in text, "gradio version" in text.lower())
with program("gradio", "hello.py", url="http://127.0.0.1:7888/config") as reload:
    show("reloaded", "components" in ask("http://127.0.0.1:7888/config")[1])
