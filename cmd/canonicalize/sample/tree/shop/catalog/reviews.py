from shop.models import Product, Review, User


def write(user: User, product: Product, stars: int, text: str = "") -> Review:
    if not 1 <= stars <= 5:
        raise ValueError("between one and five stars")
    return Review(product_id=product.id, user_id=user.id, stars=stars, text=text).save()


def average(product: Product) -> float:
    stars = [r.stars for r in Review.all() if r.product_id == product.id]
    return sum(stars) / len(stars) if stars else 0.0
