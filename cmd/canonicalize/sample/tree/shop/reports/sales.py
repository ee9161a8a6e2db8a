from collections import Counter

from shop.models import ZERO, Money, Order


def revenue() -> Money:
    total = ZERO
    for order in Order.all():
        total = total + order.total()
    return total


def best_sellers(count: int = 3) -> list:
    sold: Counter = Counter()
    for order in Order.all():
        for line in order.lines:
            sold[line.sku] += line.quantity
    return sold.most_common(count)
