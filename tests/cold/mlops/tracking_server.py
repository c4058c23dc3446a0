import mlflow

with program("mlflow", "server", "--host", "127.0.0.1", "--port", "5001", "--workers", "1", "--backend-store-uri", f"sqlite:///{HERE}/track.db",
             "--artifacts-destination", str(HERE / "kept"), url="http://127.0.0.1:5001/health") as server:  # fmt: skip
    base = "http://127.0.0.1:5001"
    page = ask(base + "/")[1]
    scripts = [part.split('"')[0] for part in page.split('src="')[1:]] + [part.split('"')[0] for part in page.split('href="')[1:]]
    got = {name: ask(f"{base}/{name.lstrip('./')}") for name in scripts}
    show("page", "<title>MLflow</title>" in page, len(got) >= 3, all(status == 200 for status, _ in got.values()))
    version = ask(base + "/version")
    show("version", version[1] == mlflow.__version__)
    mlflow.set_tracking_uri(base)
    mlflow.set_experiment("remote")
    with mlflow.start_run(run_name="one") as one:
        mlflow.log_metrics({"loss": 0.25}, step=3)
        mlflow.log_params({"rate": 0.1})
        mlflow.set_tag("who", "ada")
        mlflow.log_dict({"a": [1, 2]}, "made/some.json")
        mlflow.log_text("wörter", "made/words.txt")
        mlflow.log_input(mlflow.data.from_numpy(__import__("numpy").eye(2), name="eye"), context="training")
    client = mlflow.MlflowClient()
    show("artifacts", sorted(item.path for item in client.list_artifacts(one.info.run_id, "made")))
    show("text", mlflow.artifacts.load_text(f"runs:/{one.info.run_id}/made/words.txt"), mlflow.artifacts.load_dict(f"runs:/{one.info.run_id}/made/some.json"))
    found = mlflow.search_runs(experiment_names=["remote"], filter_string="metrics.loss < 1 and params.rate = '0.1'")
    show("found", len(found), found["tags.who"][0])
    show("history", [(point.step, point.value) for point in client.get_metric_history(one.info.run_id, "loss")])
    show("dataset", client.get_run(one.info.run_id).inputs.dataset_inputs[0].dataset.name)
    model = client.create_registered_model("remote-model", tags={"team": "a"})
    made = client.create_model_version("remote-model", f"runs:/{one.info.run_id}/made", run_id=one.info.run_id)
    client.set_registered_model_alias("remote-model", "best", made.version)
    show("alias", client.get_model_version_by_alias("remote-model", "best").version, model.tags)
    status, text = ask(base + "/api/2.0/mlflow/runs/get?run_id=nothing")
    show("missing", status, json.loads(text)["error_code"])
    status, text = ask(base + "/api/2.0/mlflow/runs/search", {"experiment_ids": ["1"], "filter": "metrics.loss <>>< 3"})
    show("filter", status, json.loads(text)["error_code"])
    status, text = ask(base + "/api/2.0/mlflow/experiments/create", "{not json")
    show("body", status)
    status, text = ask(base + "/ajax-api/2.0/mlflow/experiments/search", {"max_results": 10})
    show("ajax", status, sorted(item["name"] for item in json.loads(text)["experiments"]))
    status, text = ask(base + "/graphql", {"query": '{ mlflowGetExperiment(input: {experimentId: "1"}) { experiment { name } } }'})
    show("graphql", status, "remote" in text)
    show("nothing", ask(base + "/static-files/../../etc/passwd")[0], ask(base + "/nothing/at/all")[0])
