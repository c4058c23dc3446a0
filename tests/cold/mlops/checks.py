import warnings

import pandas as pd

warnings.simplefilter("ignore")
import pandera.pandas as pa
from pandera.typing.pandas import DataFrame, Series

table = pd.read_csv("/srv/platform/data/customers.csv")


class Customers(pa.DataFrameModel):
    age: Series[float] = pa.Field(ge=18, le=120)
    visits: Series[int] = pa.Field(ge=0)
    plan: Series[str] = pa.Field(isin=["basic", "full"])

    @pa.dataframe_check
    def plausible(cls, frame):
        return frame["spent"] >= 0

    class Config:
        coerce = True


show("valid", len(Customers.validate(table)))
try:
    Customers.validate(table.assign(age=3.0, plan="odd").head(2), lazy=True)
except pa.errors.SchemaErrors as error:
    show("lazy", sorted(error.failure_cases["check"].unique()), error.message["DATA"].keys())
schema = pa.infer_schema(table)
show("inferred", sorted(schema.columns))
try:
    schema.to_script()
except ImportError as error:
    show("script", "'black'" in str(error))
show("yaml", pa.DataFrameSchema.from_yaml(schema.to_yaml()) is not None, len(schema.to_json()) > 100)


@pa.check_types
def grow(frame: DataFrame[Customers]) -> DataFrame[Customers]:
    return frame.assign(age=frame["age"] * 10)


try:
    grow(table)
except pa.errors.SchemaError as error:
    show("typed", str(error).split("'")[1])
for kind in ("category", "datetime64[ns, UTC]", "Int64", "string", "timedelta64[ns]", "boolean"):
    show("dtype", kind, pa.Column(kind).dtype)
hypothesis = pa.DataFrameSchema(
    {"spent": pa.Column(float, pa.Hypothesis.two_sample_ttest("basic", "full", groupby="plan", relationship="equal", alpha=0.001)), "plan": pa.Column(str)}
)
show("hypothesis", len(hypothesis.validate(table)))

import great_expectations as gx
from great_expectations import expectations as gxe

context = gx.get_context(mode="file", project_root_dir=str(HERE / "gx"))
context.variables.progress_bars = {"globally": False}
asset = context.data_sources.add_pandas("files").add_csv_asset("customers", filepath_or_buffer="/srv/platform/data/customers.csv")
definition = asset.add_batch_definition_whole_dataframe("all")
suite = context.suites.add(gx.ExpectationSuite("rules"))
for expectation in (
    gxe.ExpectColumnValuesToBeBetween(column="age", min_value=18, max_value=120),
    gxe.ExpectColumnValuesToBeInSet(column="plan", value_set=["basic"]),
    gxe.ExpectColumnMeanToBeBetween(column="spent", min_value=1, max_value=100),
    gxe.ExpectTableColumnsToMatchSet(column_set=["age", "visits", "spent", "plan", "left", "worth"]),
    gxe.ExpectColumnValuesToMatchRegex(column="plan", regex="^[a-z]+$"),
    gxe.ExpectColumnKLDivergenceToBeLessThan(column="plan", partition_object={"values": ["basic", "full"], "weights": [0.5, 0.5]}, threshold=0.5),
    gxe.ExpectCompoundColumnsToBeUnique(column_list=["age", "spent", "visits"]),
):
    suite.add_expectation(expectation)
validation = context.validation_definitions.add(gx.ValidationDefinition(name="v", data=definition, suite=suite))
checkpoint = context.checkpoints.add(
    gx.Checkpoint(name="c", validation_definitions=[validation], actions=[gx.checkpoint.UpdateDataDocsAction(name="docs")], result_format="COMPLETE")
)
result = checkpoint.run()
one = next(iter(result.run_results.values()))
show("expected", result.success, one.statistics["successful_expectations"], [item.expectation_config.type for item in one.results if not item.success])
docs = sorted(path.suffix for path in (HERE / "gx").rglob("data_docs/**/*.html"))
index = next((HERE / "gx").rglob("index.html")).read_text()
show("docs", len(docs), "rules" in index, (HERE / "gx/gx/uncommitted/data_docs/local_site/static").exists())
show("stores", sorted(path.name for path in (HERE / "gx" / "gx").iterdir() if path.is_dir())[:4])
database = context.data_sources.add_sqlite("database", connection_string=f"sqlite:///{HERE}/t.db")
table.to_sql("customers", f"sqlite:///{HERE}/t.db", index=False)
batch = database.add_table_asset("t", table_name="customers").add_batch_definition_whole_table("w").get_batch()
show(
    "sql",
    batch.validate(gxe.ExpectColumnValuesToBeBetween(column="age", min_value=18)).success,
    batch.validate(gxe.ExpectColumnValuesToNotBeNull(column="nothing")).exception_info != {},
)
show("again", gx.get_context(mode="file", project_root_dir=str(HERE / "gx")).suites.get("rules").name)
