"""What a command or a plugin of the collection does, without click and without Ansible: the public API.

It may know every room below. It does not know how it was called, nor how its results will be shown: ``report`` stands beside it.
"""
