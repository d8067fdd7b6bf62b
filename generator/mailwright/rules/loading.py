"""Rules: loading."""
