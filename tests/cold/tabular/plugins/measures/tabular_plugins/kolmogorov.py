from scipy.stats import ks_2samp


def measure(truth, scores):
    return float(ks_2samp([s for t, s in zip(truth, scores) if t], [s for t, s in zip(truth, scores) if not t]).statistic)
