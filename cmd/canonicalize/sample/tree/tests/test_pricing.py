from decimal import Decimal

from shop.models import Address, Cart, Money
from shop.pricing import coupons, currency, quote, volume

from .case import ShopCase


class PricingTest(ShopCase):
    def test_quote(self):
        cart = Cart(user_id=self.user.id)
        cart.add("TEA-1", 2)
        address = Address(country="DE")
        self.assertEqual(str(quote.gross(cart, address)), "10.71 EUR")
        coupon = coupons.find("welcome")
        self.assertEqual(str(quote.gross(cart, address, coupon)), "9.64 EUR")

    def test_currency(self):
        dollars = currency.convert(Money(Decimal(100)), "USD")
        self.assertEqual(str(dollars), "108.00 USD")

    def test_volume(self):
        self.assertEqual(str(volume.discount(self.tea, 100)), "4.05 EUR")
        cart = Cart()
        cart.add("TEA-1", 20)
        self.assertTrue(volume.saves(cart))
