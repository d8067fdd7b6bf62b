"""From what a team has to a spec: deployment.toml, old XML, a server's tenants, the files of the vendor's CLI.

It writes no file, and decides nothing that rules decide.
"""
