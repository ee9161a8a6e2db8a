def reindex() -> int:
    from shop.app import search_index
    from shop.models import Product

    search_index.clear()
    for product in Product.all():
        search_index.add(product.sku, product.name)
    return len(Product.all())
