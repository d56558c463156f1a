"""How rows of a tenant's file become events and products: pure functions."""
