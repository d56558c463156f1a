"""The rules of recommender: pure functions and frozen dataclasses."""
