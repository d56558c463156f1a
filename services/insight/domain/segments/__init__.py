"""Segments: what a marketer says about people, as a typed tree."""
