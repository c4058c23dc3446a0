"""A board for people who decide: filters, charts, a form."""

import altair as alt
import mlflow
import pandas as pd
import plotly.express as px
import streamlit as st

st.set_page_config(page_title="Customers", layout="wide")
st.title("Customers")


@st.cache_data
def table() -> pd.DataFrame:
    return pd.read_csv("/srv/platform/data/customers.csv")


data = table()
plan = st.sidebar.selectbox("plan", ["all", *sorted(data["plan"].unique())])
shown = data if plan == "all" else data[data["plan"] == plan]
st.metric("customers", len(shown))
st.dataframe(shown.head(20))
st.line_chart(shown.groupby("visits")["spent"].mean())
st.altair_chart(alt.Chart(shown).mark_point().encode(x="age", y="spent", color="plan"))
st.plotly_chart(px.histogram(shown, x="age", color="plan"))
with st.form("ask"):
    age = st.number_input("age", 18, 99, 40)
    if st.form_submit_button("ask"):
        row = pd.DataFrame([{"age": float(age), "visits": 1, "spent": 5.0, "plan": "basic"}])
        leaves = mlflow.pyfunc.load_model("models:/churn@champion").predict(row)[0]
        st.success("leaves" if leaves else "stays")
if st.checkbox("break"):
    st.write({}["nothing"])
