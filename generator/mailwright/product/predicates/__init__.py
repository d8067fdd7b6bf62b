"""Whether a value is valid: a module a schema, made by ``make generate`` (generate/predicates.py)."""
