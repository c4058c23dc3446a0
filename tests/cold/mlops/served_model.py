import csv
import io

base = "http://127.0.0.1:5002"
rows = {"dataframe_split": {"columns": ["age", "visits", "spent", "plan"], "data": [[40.0, 0, 10.0, "basic"], [40.0, 9, 10.0, "full"]]}}
with program("mlflow", "models", "serve", "-m", "models:/churn@champion", "--env-manager", "local", "-p", "5002", "-w", "1", url=base + "/ping") as server:
    show("version", ask(base + "/version")[0])
    show("split", ask(base + "/invocations", rows))
    records = [dict(zip(rows["dataframe_split"]["columns"], row)) for row in rows["dataframe_split"]["data"]]
    show("records", ask(base + "/invocations", {"dataframe_records": records}))
    text = io.StringIO()
    writer = csv.DictWriter(text, records[0])
    writer.writeheader()
    writer.writerows(records)
    show("csv", ask(base + "/invocations", text.getvalue(), {"content-type": "text/csv"}))
    show("inputs", ask(base + "/invocations", {"inputs": {name: [row[name] for row in records] for name in records[0]}}))
    status, text = ask(base + "/invocations", {"dataframe_records": [{"age": "old"}]})
    show("schema", status, json.loads(text)["error_code"], json.loads(text)["message"][:80])
    status, text = ask(base + "/invocations", '{"dataframe_split": [')
    show("json", status, json.loads(text)["error_code"])
    show("kind", ask(base + "/invocations", "x", {"content-type": "image/png"})[0])
    status, text = ask(base + "/openapi.json")
    show("paths", sorted(json.loads(text)["paths"]))
with program(
    "mlflow", "models", "serve", "-m", "models:/worth@champion", "--env-manager", "local", "-p", "5002", "-w", "2", url=base + "/ping", ends=signal.SIGINT
):
    status, text = ask(base + "/invocations", {"dataframe_split": {"columns": ["age", "visits", "spent"], "data": [[40.0, 2, 10.0]]}})
    show("trees", status, 5 < json.loads(text)["predictions"][0] < 60)
Path("in.json").write_text(json.dumps(rows))
run("mlflow models predict -m models:/churn@champion --env-manager local -i in.json -t json -o out.json")
show("predicted", Path("out.json").read_text().strip())
text = run("mlflow models predict -m models:/nobody@champion --env-manager local -i in.json -t json", status=1)
show("unknown", text.strip().splitlines()[-1][:120])
