"""Forecasts: prophet with the model that its wheel brings, statsforecast with what numba compiles."""

import logging

import numpy as np
import pandas as pd

logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
logging.getLogger("prophet").setLevel(logging.ERROR)


def _days(count=200):
    when = pd.date_range("2023-01-01", periods=count, freq="D")
    return pd.DataFrame({"ds": when, "y": 10 + 0.05 * np.arange(count) + 2 * np.sin(2 * np.pi * np.arange(count) / 7)})


def prophet():
    from prophet import Prophet

    model = Prophet(weekly_seasonality=True, yearly_seasonality=False)
    model.fit(_days(), seed=1)
    ahead = model.predict(model.make_future_dataframe(periods=14))
    return [len(ahead), round(float(ahead["trend"].iloc[-1])), model.stan_backend.get_type()]


def prophet_holidays_and_growth():
    from prophet import Prophet

    table = _days().assign(cap=40.0, floor=0.0, extra=np.arange(200) % 3)
    model = Prophet(growth="logistic", yearly_seasonality=False, seasonality_mode="multiplicative")
    model.add_country_holidays(country_name="DE")
    model.add_seasonality(name="monthly", period=30.5, fourier_order=2)
    model.add_regressor("extra")
    model.fit(table, seed=1)
    return [len(model.train_holiday_names) > 5, round(float(model.predict(table.head(3))["yhat"].iloc[0]))]


def prophet_sampled():
    from prophet import Prophet

    model = Prophet(mcmc_samples=40, weekly_seasonality=False, yearly_seasonality=False, daily_seasonality=False, n_changepoints=2)
    model.fit(_days(40), seed=3, chains=1, show_progress=False)
    return model.params["k"].shape[0] > 10


def prophet_judged():
    from prophet import Prophet
    from prophet.diagnostics import cross_validation, performance_metrics

    model = Prophet(yearly_seasonality=False, n_changepoints=3).fit(_days(120), seed=1)
    found = cross_validation(model, initial="80 days", period="20 days", horizon="10 days", parallel="processes", disable_tqdm=True)
    return [found["cutoff"].nunique(), sorted(performance_metrics(found).columns)[:3]]


def prophet_kept():
    from prophet import Prophet
    from prophet.serialize import model_from_json, model_to_json

    model = model_from_json(model_to_json(Prophet(yearly_seasonality=False).fit(_days(60), seed=1)))
    ahead = model.predict(model.make_future_dataframe(3))
    import matplotlib

    matplotlib.use("agg")
    model.plot(ahead).savefig("forecast.png", dpi=40)
    model.plot_components(ahead).savefig("components.svg")
    from prophet.plot import add_changepoints_to_plot, plot_cross_validation_metric, plot_yearly

    plot_yearly(Prophet(yearly_seasonality=3).fit(_days(400), seed=1)).__class__
    return [len(ahead), plot_cross_validation_metric.__name__, add_changepoints_to_plot(model.plot(ahead).gca(), model, ahead).__class__.__name__]


def holidays():
    import holidays

    found = []
    for country, options in (("DE", {"subdiv": "BY"}), ("JP", {}), ("BR", {"language": "en_US"}), ("IN", {}), ("US", {"language": "th"}), ("ET", {})):
        found.append(len(holidays.country_holidays(country, years=2024, **options)))
    return [
        found,
        holidays.country_holidays("FR", years=2024, language="uk").get("2024-05-01"),
        len(holidays.financial_holidays("XNYS", years=2024)),
        len(holidays.list_supported_countries()) > 100,
    ]


def _many():
    count = 60
    when = pd.date_range("2019-01-01", periods=count, freq="MS")
    wave = 20 + np.arange(count) * 0.3 + 4 * np.sin(2 * np.pi * np.arange(count) / 12)
    return pd.concat([pd.DataFrame({"unique_id": name, "ds": when, "y": wave * factor}) for name, factor in (("a", 1.0), ("b", 2.0))])


def statsforecast():
    from statsforecast import StatsForecast
    from statsforecast.models import AutoARIMA, AutoCES, AutoETS, AutoTheta, CrostonClassic, HistoricAverage, Naive, SeasonalNaive

    models = [
        AutoARIMA(season_length=12),
        AutoETS(season_length=12),
        AutoTheta(season_length=12),
        AutoCES(season_length=12),
        CrostonClassic(),
        HistoricAverage(),
        Naive(),
        SeasonalNaive(12),
    ]
    ahead = StatsForecast(models=models, freq="MS", n_jobs=1).forecast(df=_many(), h=3)
    return [list(ahead.columns)[:4], ahead.shape, round(float(ahead["AutoETS"].iloc[0]))]


def statsforecast_in_processes():
    from statsforecast import StatsForecast
    from statsforecast.models import MSTL, AutoETS, Holt

    held = StatsForecast(models=[Holt(season_length=12), MSTL(season_length=[12], trend_forecaster=AutoETS(model="ZZN"))], freq="MS", n_jobs=2)
    held.fit(df=_many())
    crossed = held.cross_validation(df=_many(), h=3, n_windows=2)
    return [held.predict(h=2).shape, crossed.shape]


def statsmodels():
    import statsmodels.api as sm
    import statsmodels.formula.api as smf
    from statsmodels.tsa.seasonal import STL
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    table = sm.datasets.longley.load_pandas().data
    fitted = smf.ols("TOTEMP ~ GNP + YEAR", table).fit()
    series = _many().query("unique_id == 'a'").set_index("ds")["y"]
    return [
        round(fitted.rsquared, 3),
        len(fitted.summary().as_latex()) > 500,
        round(float(STL(series).fit().seasonal.max())),
        SARIMAX(series, order=(1, 0, 0)).fit(disp=0).nobs,
        len(sm.datasets.co2.load_pandas().data),
    ]
