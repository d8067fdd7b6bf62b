"""The product as data: keys, releases, kinds of authentication, the mail client's properties, facts.

The one room that reads schema/ and docs/product/. It may know what they say. It knows no file of a user's, and judges none.
"""
