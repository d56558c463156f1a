"""Every failure the gateway promises, by what it is about.

A docstring says what to do, and /docs/errors shows it; `reason` is never renamed and never reused.
"""
