from typing import List

from shop.app import cache
from shop.models import Category, Product


def products_in(category: Category) -> List[Product]:
    def load() -> List[Product]:
        return [p for p in Product.all() if p.category_id == category.id]

    return cache.get_or_set(f"category:{category.id}", load)


def available(category: Category) -> List[Product]:
    return [product for product in products_in(category) if product.stock]
