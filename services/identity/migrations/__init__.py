"""The gateway's own database, step by step."""
