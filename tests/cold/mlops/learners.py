import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
import sklearn
from sklearn import datasets
from sklearn.model_selection import cross_val_score
from sklearn.utils import all_estimators

for name in ("iris", "wine", "breast_cancer", "diabetes", "digits", "linnerud"):
    data = getattr(datasets, f"load_{name}")(as_frame=name != "x")
    show("data", name, data.data.shape, len(data.DESCR) > 500)
show("picture", datasets.load_sample_image("china.jpg").shape)
X, y = datasets.load_iris(return_X_y=True)
worked = []
for name, kind in all_estimators(type_filter="classifier"):
    if name in (
        "ClassifierChain",
        "FixedThresholdClassifier",
        "MultiOutputClassifier",
        "OneVsOneClassifier",
        "OneVsRestClassifier",
        "OutputCodeClassifier",
        "StackingClassifier",
        "TunedThresholdClassifierCV",
        "VotingClassifier",
        "GaussianProcessClassifier",
    ):
        continue
    try:
        worked.append((name, kind().fit(X[::3], y[::3]).predict(X[:3]).shape[0]))
    except Exception as error:
        worked.append((name, type(error).__name__))
show("classifiers", len(worked), [item for item in worked if item[1] != 3])
worked = []
for name, kind in [*all_estimators(type_filter="transformer"), *all_estimators(type_filter="cluster"), *all_estimators(type_filter="regressor")]:
    try:
        kind().fit(X[::5], y[::5])
        worked.append(name)
    except Exception:
        pass
show("others", len(worked))
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import DecisionBoundaryDisplay, permutation_importance
from sklearn.tree import export_graphviz, export_text, plot_tree

forest = RandomForestClassifier(5, random_state=0).fit(X[:, :2], y)
show("text", export_text(forest.estimators_[0]).count("class") > 5, "digraph" in export_graphviz(forest.estimators_[0]))
import matplotlib

matplotlib.use("Agg")
DecisionBoundaryDisplay.from_estimator(forest, X[:, :2]).figure_.savefig("b.pdf")
plot_tree(forest.estimators_[0])
show("parallel", round(cross_val_score(RandomForestClassifier(5, random_state=0), X, y, cv=3, n_jobs=2).mean(), 2) > 0.9)
show("shown", "sk-container" in forest._repr_html_(), forest._repr_html_().count("<style>"))
show("versions", "threadpoolctl info" in run([sys.executable, "-c", "import sklearn; sklearn.show_versions()"]))
show("array", permutation_importance(forest, X[:, :2], y, n_repeats=2, random_state=0).importances_mean.shape)
import xgboost as xgb

table = pd.DataFrame(X, columns=list("abcd")).assign(kind=pd.Categorical(np.where(y == 0, "x", "z")))
matrix = xgb.DMatrix(table, y, enable_categorical=True)
for more in (
    {"booster": "gbtree"},
    {"booster": "dart"},
    {"tree_method": "approx"},
    {"tree_method": "hist", "grow_policy": "lossguide"},
    {"objective": "rank:ndcg"},
    {"objective": "count:poisson"},
    {"objective": "reg:tweedie"},
    {"objective": "survival:cox"},
    {"objective": "multi:softprob", "num_class": 3},
    {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]},
):
    booster = xgb.train({"nthread": 1, "max_depth": 2, **more}, matrix, 3)
    show("boosted", sorted(more.values(), key=str), booster.predict(matrix).shape)
linear = xgb.train({"booster": "gblinear", "nthread": 1}, xgb.DMatrix(X, y), 3)
for form in ("json", "ubj"):
    booster.save_model(f"m.{form}")
    show("saved", form, xgb.Booster(model_file=f"m.{form}").num_boosted_rounds())
show("dump", len(booster.get_dump(dump_format="json")), len(booster.get_dump(dump_format="dot")), len(booster.trees_to_dataframe()) > 5)
show("shap", booster.predict(matrix, pred_contribs=True).ndim, booster.get_score(importance_type="gain").keys() <= set("abcd") | {"kind"})
show("cv", len(xgb.cv({"nthread": 1}, xgb.DMatrix(X, y), 4, nfold=3, callbacks=[xgb.callback.EarlyStopping(2)])) > 1)
xgb.plot_importance(booster).figure.savefig("i.svg")
try:
    xgb.plot_tree(booster)
except Exception as error:
    show("no program", type(error).__name__)
try:
    xgb.train({"objective": "nothing"}, matrix, 1)
except xgb.core.XGBoostError as error:
    show("refused", "Unknown objective function" in str(error))
try:
    xgb.train({"device": "cuda", "nthread": 1}, matrix, 1)
except xgb.core.XGBoostError as error:
    show("device", "XGBoost" in str(error) or True)
show("build", sorted(xgb.build_info())[:3])
Path("rows.svm").write_text("1 0:1.5 1:2\n0 0:3 1:1\n")
show("file", xgb.DMatrix("rows.svm?format=libsvm").num_row())
import statsmodels.api as sm
import statsmodels.formula.api as smf

frame = pd.read_csv("/srv/platform/data/customers.csv")
show("formula", "OLS Regression Results" in str(smf.ols("worth ~ spent * C(plan) + np.log1p(visits)", frame).fit().summary()))
show("logit", smf.logit("left ~ age + spent", frame).fit(disp=0).converged, smf.glm("visits ~ age", frame, family=sm.families.Poisson()).fit().converged)
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.holtwinters import ExponentialSmoothing

series = pd.Series(np.sin(np.arange(60) / 3) + np.arange(60) / 10)
show("series", len(ARIMA(series, order=(1, 1, 0)).fit().forecast(3)), len(ExponentialSmoothing(series, trend="add").fit().forecast(2)))
show("sets", sm.datasets.longley.load_pandas().data.shape, sm.datasets.sunspots.load_pandas().data.shape, sm.datasets.co2.load_pandas().data.shape)
