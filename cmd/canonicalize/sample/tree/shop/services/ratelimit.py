from collections import Counter


class RateLimited(Exception):
    """Too many attempts."""


class RateLimiter:
    def __init__(self) -> None:
        self._seen: Counter = Counter()

    def check(self, key: str, limit: int = 5) -> None:
        self._seen[key] += 1
        if self._seen[key] > limit:
            raise RateLimited(key)

    def clear(self) -> None:
        self._seen.clear()


ratelimiter = RateLimiter()
