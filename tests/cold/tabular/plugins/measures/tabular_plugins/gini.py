from sklearn.metrics import roc_auc_score


def measure(truth, scores):
    return 2 * float(roc_auc_score(truth, scores)) - 1
