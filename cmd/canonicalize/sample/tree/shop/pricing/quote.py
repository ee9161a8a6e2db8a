from shop.models import ZERO, Address, Cart, Coupon, Money
from shop.pricing import coupons, taxes


def net(cart: Cart) -> Money:
    total = ZERO
    for product in cart.products():
        total = total + product.price * cart.lines[product.sku]
    return total


def gross(cart: Cart, address: Address, coupon: Coupon = None) -> Money:
    total = coupons.apply(coupon, net(cart))
    return total + taxes.tax(address, total)
