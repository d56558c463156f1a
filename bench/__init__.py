"""Benchmarks and fault tests on a system of their own; see README.md."""
