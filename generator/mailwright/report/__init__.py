"""Reports: results in, text or a machine's format out. Collecting and showing never mix: a new format is a function, and an entry in formats.

It may know the results of every room below, and what a command hands it of an operation. It reads no file, asks no server and decides
nothing; ``text`` alone knows width and colour.
"""
