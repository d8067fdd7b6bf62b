"""Servers to try things against, on the loopback interface only; they need the extra ``sandbox``.

A stand-in may know the product's data and its own library. It knows nothing of the code that is tried against it, so that the two cannot be
wrong in the same way.
"""
