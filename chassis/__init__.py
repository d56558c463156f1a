"""Machinery every service needs: processes, sockets, tenants, transactions. No business noun."""
