from shop.models import Product  # the catalog's, not the warehouse's
from shop.models import Cart, Money

STEPS = ((100, 10), (20, 5))


def discount(product: Product, quantity: int) -> Money:
    for least, percent in STEPS:
        if quantity >= least:
            return product.price * (1 - percent / 100)
    return product.price


def saves(cart: Cart) -> bool:
    return any(quantity >= STEPS[-1][0] for quantity in cart.lines.values())
