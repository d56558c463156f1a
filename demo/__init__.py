"""Two demo tenants made of real, openly licensed shop data; see README.md."""
