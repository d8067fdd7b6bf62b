"""What is written: the fragment, merged into a deployment.toml, and tenants' payloads.

It may know specs, files and the engine; it judges nothing, and opens no connection.
"""
