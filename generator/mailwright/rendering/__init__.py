"""What is written: the fragment, merged into a deployment.toml, and tenants' payloads.

It may know specs, files and the engine, which tells whether the server would start, and the objects of Kubernetes that it writes. It
judges nothing else, and opens no connection.
"""
