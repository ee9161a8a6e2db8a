from shop.models import Product as CatalogProduct
from shop.models import slugify


def file_name(product: CatalogProduct, size: int = 400) -> str:
    return f"{slugify(product.name)}-{product.sku}-{size}.webp"
