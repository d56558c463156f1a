"""What to send whom, and what it changed."""
