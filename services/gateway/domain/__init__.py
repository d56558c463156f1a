"""The gateway's rules: pure functions and frozen dataclasses."""
