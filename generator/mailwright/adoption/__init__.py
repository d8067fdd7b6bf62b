"""From what a team has to a spec: a server's files and tenants, the files of the vendor's CLI, or nothing; and from one release to the next.

It may know every source, and what is known to be wrong with it. It writes no file, and decides nothing that rules decide.
"""
