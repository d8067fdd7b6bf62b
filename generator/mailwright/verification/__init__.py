"""Live verification: the effective properties of a sender in, the report of a handshake out.

``inputs`` reads files, ``client`` models the server's mail client, ``handshake`` is the engine, ``check`` puts one sender together with
``tokens`` and ``certificates``; ``fleet`` takes many. It may know the adapter's keys by name (in ``client``) and the network. It prints
nothing and knows no format: presentation is report's.
"""
