import io

import pandas

MEDIA = "text/csv"


def read(body):
    return pandas.read_csv(io.BytesIO(body), engine="python", sep=None).to_numpy()


def write(values):
    return pandas.DataFrame(values).to_csv(index=False).encode()


class xml:
    MEDIA = "application/vnd.ms-excel+xml"

    @staticmethod
    def read(body):
        return pandas.read_xml(io.BytesIO(body), parser="etree").to_numpy()

    @staticmethod
    def write(values):
        return pandas.DataFrame(values).rename(columns=str).add_prefix("c").to_xml(index=False, parser="etree").encode()
