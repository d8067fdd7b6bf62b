"""Servers to try things against, on the loopback interface only; they need the extra ``sandbox``."""
