from decimal import Decimal

from shop.app import cache, clock
from shop.models import Money

RATES = {"EUR": Decimal(1), "USD": Decimal("1.08")}


def convert(money: Money, currency: str) -> Money:
    key = f"rate:{money.currency}:{currency}:{clock.today()}"
    rate = cache.get_or_set(key, lambda: RATES[currency] / RATES[money.currency])
    return Money(money.amount * rate, currency)
