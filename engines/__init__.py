"""The laptop's PostgreSQL, NATS and ClickHouse, and the supervisor that runs them with the services."""
