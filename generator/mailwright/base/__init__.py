"""Ground that every room stands on: errors, places, secrets, findings, files.

It knows nothing of mail, of the product or of specs, and imports no other room.
"""
