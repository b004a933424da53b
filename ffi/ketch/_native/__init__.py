"""The only package that touches ffi and lib: C's functions as Python functions, C's failures as
exceptions, C's objects as handles. A handle is opaque to the rest of ketch and ends by itself with
its last reference, so that no call can find an ended one, whatever other threads do.
"""
