"""What schema/ and docs/product/ say of the product, typed: keys, releases, kinds of authentication, mail-client properties, facts.

The one place that reads schema/. It knows no file of a user's.
"""
