"""Put a few things on the shelves."""

from decimal import Decimal

from shop.models import Category, Coupon, Money, Product

SHELVES = {
    "Tea": (("TEA-1", "Earl Grey", "4.50"), ("TEA-2", "Green tea", "5.20")),
    "Cups": (("CUP-1", "White cup", "12.00"),),
}


def main() -> None:
    for name, products in SHELVES.items():
        category = Category(name=name).save()
        for sku, title, price in products:
            Product(
                sku=sku,
                name=title,
                price=Money(Decimal(price)),
                stock=10,
                category_id=category.id,
                weight=300,
            ).save()
    Coupon(code="WELCOME", percent=10).save()


if __name__ == "__main__":
    main()
