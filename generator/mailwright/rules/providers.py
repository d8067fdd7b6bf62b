"""Rules: providers."""
