def far(rows):
    from scipy.spatial.distance import pdist

    return round(float(pdist(rows, "cosine").max()), 3)
