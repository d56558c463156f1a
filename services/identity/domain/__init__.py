"""The rules of who is who, as pure functions."""
