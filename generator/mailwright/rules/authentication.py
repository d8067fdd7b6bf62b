"""Rules: authentication."""
