"""What the action plugins of the Ansible collection call: the options of a task in, plain data out.

The actions hold no knowledge of their own: what the command line does, a task does through the same code. Nothing here knows Ansible.
"""
