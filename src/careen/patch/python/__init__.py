"""Python environments: `patcher` is one environment's, uv or pip resolves (`resolver`), careen
places wheels (`install`, `place`).
"""
