from shop.models import (  # noqa: I001
    Order,
    Money,
    Address,
)

LIMIT = 500


def suspicious(order: Order, address: Address) -> bool:
    total: Money = order.total()
    return total.amount > LIMIT and address.country == "US"
