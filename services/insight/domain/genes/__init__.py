"""The genes: what is known about one person, and how it is computed."""
