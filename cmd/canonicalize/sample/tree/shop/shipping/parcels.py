from typing import List

from shop.models import Order, Parcel, Product

LIMIT = 20_000


def pack(order: Order) -> List[Parcel]:
    parcels = [Parcel().save()]
    for line in order.lines:
        product = Product.find(sku=line.sku)
        for _ in range(line.quantity):
            if parcels[-1].weight + product.weight > LIMIT:
                parcels.append(Parcel().save())
            parcels[-1].weight += product.weight
    return parcels
