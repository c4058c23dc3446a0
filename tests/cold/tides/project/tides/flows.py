"""Tasks that wait for each other, by luigi."""
import luigi
from luigi.contrib.external_program import ExternalProgramTask


class Series(luigi.Task):
    days = luigi.IntParameter(default=30)

    def output(self):
        return luigi.LocalTarget(f"/tmp/flow/{self.days}.csv")

    def run(self):
        with self.output().open("w") as stream:
            stream.writelines(f"{n}\t{n % 7}\n" for n in range(self.days))


class Sum(ExternalProgramTask):
    days = luigi.IntParameter(default=30)
    since = luigi.DateParameter(default=None)

    def requires(self):
        return Series(self.days)

    def output(self):
        return luigi.LocalTarget(f"/tmp/flow/{self.days}.sum")

    def program_args(self):
        return ["sh", "-c", f"datamash -g 2 count 1 < {self.input().path} > {self.output().path}"]


class Broken(luigi.Task):
    def run(self):
        raise RuntimeError("broken")
