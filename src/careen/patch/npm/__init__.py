"""Node projects: `patcher` is one project's, npm fetches and checks, careen places (`files`) and
keeps the lock file true (`lock`).
"""
