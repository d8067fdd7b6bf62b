"""What an editor asks while somebody types: findings, what a word means, what can stand here, where it is defined, what mends it.

It may know every room below it, and alone knows the Language Server Protocol. It writes no file: an editor applies what it is told.
"""
