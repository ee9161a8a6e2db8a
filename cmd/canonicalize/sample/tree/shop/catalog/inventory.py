from shop.app import mailer, metrics
from shop.models import OutOfStock, Product

LOW = 3


def take(sku: str, quantity: int) -> Product:
    product = Product.find(sku=sku)
    if product is None:
        raise OutOfStock(sku)
    product.take(quantity)
    metrics.increment("stock.taken", quantity)
    if product.stock < LOW:
        mailer.send("stock@shop.example", f"{product.name} runs low")
    return product
