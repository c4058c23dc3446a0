#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *triple(PyObject *self, PyObject *args) {
  long value;
  (void)self;
  if (!PyArg_ParseTuple(args, "l", &value)) return NULL;
  return PyLong_FromLong(3 * value);
}

static PyMethodDef methods[] = {{"triple", triple, METH_VARARGS, "Three times a number."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
