"""Live verification: the effective properties of a sender in, the report of a handshake out.

``senders`` reads files, ``client`` models the server's mail client, ``handshake`` is the engine, ``check`` puts one sender together with
``tokens`` and ``certificates``; ``fleet`` takes many. It prints nothing: presentation is report's.
"""
