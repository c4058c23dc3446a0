"""`python -m tabular.retrain FOLDER`: the forest anew."""
import sys
from pathlib import Path

import joblib

from tabular.data import data


def main(folder):
    from sklearn.ensemble import RandomForestClassifier

    X, y, _ = data()
    Path(folder).mkdir(parents=True, exist_ok=True)
    joblib.dump(RandomForestClassifier(20, random_state=0).fit(X, y), Path(folder) / "forest.joblib")
    print(f"1 model in {folder}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "/tmp/models")
