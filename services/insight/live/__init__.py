"""Keeps who is in each saved segment right, and tells who entered and who left."""
