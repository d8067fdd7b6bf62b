"""Rules: tenants."""
