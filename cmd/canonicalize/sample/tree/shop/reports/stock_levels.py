from shop.models import Category, Product


def levels() -> dict:
    names = {category.id: category.name for category in Category.all()}
    result: dict = {}
    for product in Product.all():
        name = names.get(product.category_id, "none")
        result[name] = result.get(name, 0) + product.stock
    return result
