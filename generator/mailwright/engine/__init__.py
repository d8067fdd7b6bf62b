"""A model of the server's configuration engine (config-mapper): from the keys of a deployment.toml to the adapter's properties.

One module a phase, in the order of product/xml.md#phases: ``context`` (keys and defaults), ``placeholders``, ``template`` (the
second pass over values), ``xmlview`` (what an XML reader sees). ``mailwright.view`` runs them.
"""

from __future__ import annotations


class Abort(Exception):
    """The server does not start; the reason holds no value from the file.

    Attributes:
        unsure: Why that is not certain, if it is not.
        at: The flat key at fault, if it is known.
    """

    def __init__(self, reason: str, *, unsure: str | None = None, at: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unsure = unsure
        self.at = at
