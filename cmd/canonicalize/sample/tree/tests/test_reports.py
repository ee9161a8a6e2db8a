from scripts import close_carts
from shop.checkout import basket, placement
from shop.models import Cart
from shop.reports import (
    audit_trail,
    customers,
    environment,
    export,
    sales,
    stock_levels,
)

from .case import ShopCase


class ReportsTest(ShopCase):
    def test_sales(self):
        for _ in range(2):
            basket.put(self.user, "CUP-1")
            placement.place(self.user)
        self.assertEqual(str(sales.revenue()), "24.00 EUR")
        self.assertEqual(sales.best_sellers(), [("CUP-1", 2)])
        self.assertEqual(customers.loyal(), [self.user])
        self.assertEqual(len(audit_trail.by_actor("ada@shop.example")), 2)
        self.assertEqual(export.everything(), {"users": 1, "orders": 2})
        self.assertIn("2 orders", environment.banner())

    def test_stock(self):
        self.assertEqual(stock_levels.levels(), {"Tea": 20, "Cups": 10})
        self.assertEqual(len(export.export("Coupon").splitlines()), 2)

    def test_close_carts(self):
        Cart(user_id=4711).save()
        self.assertEqual(close_carts.main(), 1)
