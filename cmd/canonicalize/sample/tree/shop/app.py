"""The services of the running shop, wired once."""

import os

from shop import metrics
from shop.services.cache import cache
from shop.services.clock import clock
from shop.services.events import publish, subscribe
from shop.services.mail import mailer
from shop.services.ratelimit import RateLimited, ratelimiter
from shop.services.search_index import index as search_index
from shop.services.tasks import queue

environment = os.environ.get("SHOP_ENVIRONMENT", "development")


def reset() -> None:
    """Forget what the services hold; for tests."""
    for service in (cache, mailer, ratelimiter, search_index, queue):
        service.clear()
    metrics.counters.clear()
