"""Committed files that are made from others: ``make generate``. Nothing else imports this room."""
