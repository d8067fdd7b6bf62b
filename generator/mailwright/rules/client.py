"""Rules: client."""
