"""The embedded ClickHouse endpoint: chDB behind the ClickHouse HTTP protocol, for one machine."""
