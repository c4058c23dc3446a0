"""The repository, by three ways."""


def run(what="log", by="gitpython", place="/code", more=()):
    if by == "gitpython":
        import git

        return getattr(git.Repo(place).git, what)(*more)
    if by == "pygit2":
        import pygit2

        repository = pygit2.Repository(place)
        if what == "log":
            return [commit.message.strip() for commit in repository.walk(repository.head.target)]
        if what == "status":
            return {name: int(flags) for name, flags in repository.status().items()}
        return getattr(pygit2, what)(*more)
    import subprocess

    return subprocess.run(["git", what, *more], cwd=place, capture_output=True, text=True, check=True).stdout
