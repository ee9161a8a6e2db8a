from shop.models import Cart, OutOfStock, Product, User


def cart_of(user: User) -> Cart:
    return Cart.find(user_id=user.id) or Cart(user_id=user.id).save()


def put(user: User, sku: str, quantity: int = 1) -> Cart:
    product = Product.find(sku=sku)
    if product is None or product.stock < quantity:
        raise OutOfStock(sku)
    cart = cart_of(user)
    cart.add(sku, quantity)
    return cart
