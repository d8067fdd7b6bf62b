"""What a command or a plugin of the collection does, without click and without Ansible.

The top of the house but for its doors: it may know every room below, and nothing of how it is called or shown.
"""
