"""Counters that the dashboards read."""

from collections import Counter

counters: Counter = Counter()


def increment(name: str, by: int = 1) -> None:
    counters[name] += by
