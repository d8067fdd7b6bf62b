"""Tenants' senders over the server's REST API: read, compare, write.

What the API does: product/api.md#v1, product/tenant-management.md#base. Pure: ``comparable`` (what a sender is once the server has taken it),
``planning`` (what differs), ``policy``. Input: ``preparing`` (the source, checked before any request). At the wire: ``transport``,
``credentials``, ``client``. Work on many tenants: ``planner`` and ``applying``, in a ``window``; ``planfile`` keeps a plan. It may know the
API and HTTP. It prints nothing, and asks no user.
"""
