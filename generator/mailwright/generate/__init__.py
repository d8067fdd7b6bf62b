"""Committed files that are made from others: ``make generate``.

It may know every room that a file is made from. No other room imports it, and no command needs it.
"""
