"""The only code of recommender that knows SQL."""

from services.recommender.store.progress import Progress, Store

__all__ = ["Progress", "Store"]
