import csv
import io
from decimal import Decimal

from shop.app import cache, queue, search_index
from shop.models import Category, Money, Product


def load(text: str) -> int:
    count = 0
    for row in csv.DictReader(io.StringIO(text)):
        category = Category.find(name=row["category"])
        if category is None:
            category = Category(name=row["category"]).save()
        product = Product(
            sku=row["sku"],
            name=row["name"],
            price=Money(Decimal(row["price"])),
            stock=int(row["stock"]),
            category_id=category.id,
            weight=int(row["weight"]),
        ).save()
        queue.put(search_index.add, product.sku, product.name)
        cache.forget(f"category:{category.id}")
        count += 1
    return count
