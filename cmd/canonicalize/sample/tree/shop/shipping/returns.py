from shop.checkout import refunds
from shop.models import Order, Product, Refund


def take_back(order: Order) -> Refund:
    for line in order.lines:
        product = Product.find(sku=line.sku)
        product.stock += line.quantity
    return refunds.refund(order)
