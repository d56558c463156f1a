"""The figures of insight: previews, freshness, midnight, rebuilding, and plain SQL for the same."""
