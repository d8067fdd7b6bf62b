"""What the server makes of a deployment.toml (its config-mapper): from the file's keys to the adapter's properties.

One module a phase, in the order of product/xml.md#phases: ``context`` (keys and defaults), ``placeholders``, ``template`` (the second
pass over values), ``xml`` (what an XML reader sees); ``effective`` runs them; ``inheritance`` is what a
tenant's sender takes from the server's. The room may know the product and the file. It models and does not judge: whether an outcome is
wrong, rules say.
"""

from __future__ import annotations

from enum import Enum


class Doubt(Enum):
    """Why it is not certain that the server does not start."""

    OTHER_ALIAS = "another alias is defined: the engine may not look at this one"
    PRODUCT_DEFAULT = "unless it is one of the product's own defaults"
    MEMORY = "the server may have the memory for it"
    DEPTH = "mailwright does not read a text that is nested so deeply"
    NOT_MODELLED = "the template engine executes this text; what comes out is not modelled"


class Abort(Exception):
    """The server does not start; the reason holds no value from the file.

    Attributes:
        doubt: Why that is not certain, if it is not.
        at: The flat key at fault, if it is known.
    """

    def __init__(self, reason: str, *, doubt: Doubt | None = None, at: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.doubt = doubt
        self.at = at
