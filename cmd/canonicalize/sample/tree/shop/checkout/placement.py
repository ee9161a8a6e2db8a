from shop.app import metrics, publish
from shop.catalog import inventory
from shop.checkout import basket
from shop.models import Order, OrderLine, User, record


class EmptyCart(Exception):
    """There is nothing to order."""


def place(user: User) -> Order:
    cart = basket.cart_of(user)
    if cart.is_empty():
        raise EmptyCart(user.email)
    lines = []
    for sku, quantity in cart.lines.items():
        product = inventory.take(sku, quantity)
        lines.append(OrderLine(sku, quantity, product.price))
    order = Order(user_id=user.id, lines=lines).save()
    cart.delete()
    record(user.id, f"placed order {order.id}")
    metrics.increment("orders")
    publish("order.placed", order=order)
    return order
