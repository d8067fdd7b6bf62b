"""Kubernetes manifests: the ``deployment.toml`` texts inside them, where these stand, and edits that leave every other byte alone.

``nodes`` reads a stream of documents with the offsets of its parts, ``scalars`` knows what each character of a text was written as,
``embedded`` finds the files and rewrites them, ``pods`` who mounts them, ``edits`` puts entries in and proves the result. The room may know
YAML, JSON, and the shapes of Kubernetes objects. It knows nothing of mail, nor of what a deployment.toml says: only whether one
is a template yet (``actions``).
"""
