"""External genes: values about people that a tenant or a partner brings."""
