/* ketch._ketch.Owner: the base class of results in Python, which owns a result. Every run makes one,
 * and an object of CFFI with a destructor would cost a small run a tenth of its time. */
#include <Python.h>

#include "ketch.h"

/* result: ended with the object; NULL: none. */
typedef struct owner {
    PyObject_HEAD ketch_result *result;
} owner;

/* No Python code runs here: an exception that came in it would be lost, and the result with it. */
static void dealloc(PyObject *self)
{
    PyTypeObject *const type = Py_TYPE(self);
    ketch_result *const result = ((owner *)self)->result;
    const freefunc free_object = (freefunc)PyType_GetSlot(type, Py_tp_free);
    Py_BEGIN_ALLOW_THREADS;
    ketch_result_destroy(result);
    Py_END_ALLOW_THREADS;
    free_object(self);
    Py_DECREF(type);
}

static PyObject *exchange(PyObject *self, PyObject *address)
{
    ketch_result **const place = PyLong_AsVoidPtr(address);
    if (!place) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "no place at address 0");
        return NULL;
    }
    ketch_result *const result = ((owner *)self)->result;
    ((owner *)self)->result = *place;
    *place = result;
    Py_RETURN_NONE;
}

static PyObject *get_address(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromVoidPtr(((owner *)self)->result);
}

static PyMethodDef methods[] = {
    {"_exchange", exchange, METH_O,
     "Exchanges the result with what is in the place at an address: in one step, which no "
     "interrupt "
     "divides."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"_address", get_address, NULL, "The address of the result; 0: none.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "ketch._ketch.Owner",
    .basicsize = sizeof(owner),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

void *ketch_py_make_owner(void);
int ketch_py_is_main(void);

void *ketch_py_make_owner(void)
{
    return PyType_FromSpec(&spec);
}

int ketch_py_is_main(void)
{
    return PyInterpreterState_GetID(PyInterpreterState_Get()) == 0;
}
