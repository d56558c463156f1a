"""The only code of identity that knows SQL."""

from sqlalchemy.ext.asyncio import AsyncEngine

# What the API is given to read from.
Database = AsyncEngine
