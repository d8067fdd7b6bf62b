"""From what a team has to a spec: deployment.toml, old XML, a server's tenants, the files of the vendor's CLI.

It may know every source, and what is known to be wrong with it. It writes no file, and decides nothing that rules decide.
"""
