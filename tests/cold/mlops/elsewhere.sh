# A user that the image does not know, on a root that cannot be written: models by their path work, the registry does not.
set -u
options="--rm --user 4242:4242 --read-only --tmpfs /tmp --cap-drop ALL --network none"
docker run $options --entrypoint python -i "$IMAGE" - 2>/dev/null <<'P'
import getpass
import glob
import os

import mlflow
import pandas as pd

rows = pd.DataFrame({"age": [40.0, 40.0], "visits": [0, 9], "spent": [10.0, 10.0], "plan": ["basic", "full"]})
for path in sorted(glob.glob("/srv/platform/store/artifacts/models/*/artifacts")):
    model = mlflow.pyfunc.load_model(path)
    kind = model.metadata.flavors["python_function"]["loader_module"]
    if kind == "mlflow.sklearn":
        print("churn", [int(value) for value in model.predict(rows)])
    else:
        print("worth", [5 < value < 900 for value in model.predict(rows.drop(columns="plan").astype({"visits": float}))])
print(os.getuid(), os.path.expanduser("~"))
try:
    print(getpass.getuser())
except (KeyError, OSError) as error:
    print("nobody", error)
P
docker run $options "$IMAGE" 2>&1 | grep -oE "Read-only file system|Application startup failed" | sort -u
