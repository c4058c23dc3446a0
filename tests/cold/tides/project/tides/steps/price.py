"""Options on it."""


def run(values, by="AnalyticEuropeanEngine", calendar="TARGET"):
    import QuantLib as ql

    day = ql.Date(4, 3, 2026)
    ql.Settings.instance().evaluationDate = day
    where = getattr(ql, calendar)() if calendar != "UnitedStates" else ql.UnitedStates(ql.UnitedStates.NYSE)
    quote = ql.QuoteHandle(ql.SimpleQuote(float(values[-1]) + 100))
    flat = ql.YieldTermStructureHandle(ql.FlatForward(day, 0.02, ql.Actual365Fixed()))
    vol = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(day, where, 0.2, ql.Actual365Fixed()))
    option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call, 100), ql.EuropeanExercise(where.advance(day, ql.Period("6M"))))
    process = ql.BlackScholesProcess(quote, flat, vol)
    option.setPricingEngine(ql.BinomialVanillaEngine(process, by, 50) if by in ("crr", "jr", "lr") else getattr(ql, by)(process))
    return round(option.NPV(), 3)
