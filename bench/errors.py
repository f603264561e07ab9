"""The one error of the bench."""

__all__ = ["BenchError"]


class BenchError(Exception):
    """Something keeps us from measuring; the text is one sentence for whoever ran the bench."""
