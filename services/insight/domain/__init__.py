"""The rules: pure functions of events, orders, money and days."""
