from typing import List

from ..app import cache
from ..models import Category, Product


def suggest(start: str) -> List[str]:
    def load() -> List[str]:
        return sorted(
            {product.name for product in Product.all()}
            | {category.name for category in Category.all()}
        )

    names = cache.get_or_set("suggest", load)
    return [name for name in names if name.lower().startswith(start.lower())]
