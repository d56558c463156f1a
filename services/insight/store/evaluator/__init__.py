"""Segments evaluated by SQL."""

from services.insight.store.evaluator.engine import SqlEvaluator

__all__ = ["SqlEvaluator"]
