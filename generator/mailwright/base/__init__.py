"""Errors, places, secrets, findings, edits, files: what every room stands on.

It may know Python and the file system. It knows nothing of mail, of the product or of specs, and imports no other room.
"""
