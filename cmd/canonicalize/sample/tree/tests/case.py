import unittest

from scripts import seed
from shop import app
from shop.models import Product, User, forget_everything, hash_password


class ShopCase(unittest.TestCase):
    """A shop with a few products and one customer."""

    def setUp(self) -> None:
        forget_everything()
        app.reset()
        seed.main()
        self.user = User(
            email="ada@shop.example", name="Ada", password=hash_password("secret")
        ).save()
        self.tea = Product.find(sku="TEA-1")
