import numpy
import pyarrow
from pyarrow import ipc

MEDIA = "application/vnd.apache.arrow.stream"


def read(body):
    return ipc.open_stream(body).read_all().to_pandas().to_numpy()


def write(values):
    table = pyarrow.table({str(n): column for n, column in enumerate(numpy.atleast_2d(numpy.asarray(values).T))})
    target = pyarrow.BufferOutputStream()
    with ipc.new_stream(target, table.schema, options=ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    return target.getvalue().to_pybytes()
