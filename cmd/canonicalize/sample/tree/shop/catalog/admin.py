from __future__ import annotations

import typing

from shop.models import Product, record

if typing.TYPE_CHECKING:
    from shop.models import Money, User


def reprice(user: User, sku: str, price: Money) -> Product:
    product = Product.find(sku=sku)
    product.price = price
    record(user.id, f"set {sku} to {price}")
    return product
