"""Errors, places, secrets, findings, edits, files: what every room stands on.

It may know Python and the file system, and where a finding can stand: ``hints`` how the parts of a spec are called, so that a finding can be
moved from one to another. It knows nothing else of specs, nothing of mail or of the product, and imports no other room.
"""
