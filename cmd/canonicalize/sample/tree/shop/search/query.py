from typing import List

from shop.app import metrics, search_index
from shop.models import Product


def search(words: str) -> List[Product]:
    metrics.increment("search")
    found = None
    for word in words.split():
        hits = set(search_index.search(word))
        found = hits if found is None else found & hits
    return [Product.find(sku=sku) for sku in sorted(found or ())]
