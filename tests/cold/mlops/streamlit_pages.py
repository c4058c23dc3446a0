import logging

logging.disable(logging.WARNING)
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("/srv/platform/serving/board.py", default_timeout=90).run()
show("first", app.title[0].value, app.metric[0].value, len(app.dataframe[0].value), len(app.exception))
app.selectbox[0].select("full").run()
show("filtered", int(app.metric[0].value) < 400)
app.number_input[0].set_value(50)
app.button[0].click().run()
show("form", app.success[0].value)
app.checkbox[0].check().run()
show("broken", app.exception[0].message, any("board.py" in line for line in app.exception[0].stack_trace))


Path("widgets.py").write_text(r"""
import datetime as dt

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

st.header("all", divider=True)
st.latex(r"\int x dx")
st.code("x = 1", language="python")
st.json({"a": [1]})
st.table(pd.DataFrame({"a": [1]}))
st.data_editor(pd.DataFrame({"a": [1, 2], "when": pd.to_datetime(["2024-01-01", "2024-01-02"])}), column_config={"a": st.column_config.ProgressColumn()})
st.image(Image.new("RGB", (4, 4), "blue"))
st.image(np.zeros((4, 4, 3), dtype=np.uint8), output_format="PNG")
st.audio(np.zeros(8000), sample_rate=8000)
st.map(pd.DataFrame({"lat": [48.1], "lon": [11.5]}))
st.bar_chart(pd.DataFrame({"a": [1, 2]}))
st.area_chart(pd.DataFrame({"a": [1, 2]}))
st.scatter_chart(pd.DataFrame({"a": [1, 2], "b": [2, 1]}), x="a", y="b")
import graphviz
import matplotlib.pyplot as plt
import pydeck as pdk

st.graphviz_chart(graphviz.Digraph().source)
figure, axes = plt.subplots()
axes.hist([1, 2, 2])
st.pyplot(figure)
st.pydeck_chart(pdk.Deck(layers=[pdk.Layer("ScatterplotLayer", pd.DataFrame({"p": [[1, 2]]}), get_position="p")]))
st.vega_lite_chart(pd.DataFrame({"a": [1]}), {"mark": "bar", "encoding": {"x": {"field": "a"}}})
st.date_input("day", dt.date(2024, 2, 29))
st.time_input("time", dt.time(8, 45))
st.multiselect("many", ["a", "b"], ["a"])
st.slider("range", 0, 10, (2, 5))
st.select_slider("size", ["s", "m", "l"])
st.color_picker("colour")
st.text_area("words")
st.radio("one", ["x", "y"])
st.toggle("on")
st.file_uploader("file")
st.download_button("get", b"x")
st.link_button("go", "https://example.org")
st.chat_message("user").write("hi")
st.progress(0.5)
with st.status("busy"):
    st.write("inside")
with st.expander("more"):
    st.write(dt.datetime)
left, right = st.columns(2)
left.tabs(["a", "b"])[0].write(1)
right.popover("p").write(2)
st.toast("done")
st.write(ValueError("an exception"), {"a": 1}, "text", pd.Series([1]), lambda: 1)
st.help(pd.DataFrame.head)
st.session_state.setdefault("n", 0)
st.session_state["n"] += 1
st.html("<b>x</b>")
with st.echo():
    total = 1 + 1
connection = st.connection("own", type="sql", url="sqlite:///board.db")
with connection.session as session:
    from sqlalchemy import text

    session.execute(text("create table if not exists t (a int)"))
    session.commit()
st.write(len(connection.query("select * from t", ttl=0)))
""")
page = AppTest.from_file(str(HERE / "widgets.py"), default_timeout=90).run()
show("widgets", [item.message for item in page.exception], len(page.main.children) > 40)
page.slider[0].set_range(3, 4).run()
page.multiselect[0].select("b").run()
page.date_input[0].set_value(__import__("datetime").date(2023, 1, 1)).run()
show("values", page.slider[0].value, page.multiselect[0].value, page.session_state["n"], page.latex[0].value)
