"""Insight's own databases, step by step: PostgreSQL in versions/, ClickHouse in clickhouse/."""
