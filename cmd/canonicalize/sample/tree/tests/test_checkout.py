from unittest.mock import patch

from shop.app import mailer, metrics, queue
from shop.checkout import (
    basket,
    emails,
    fraud,
    invoices,
    payments,
    placement,
    refunds,
    reminders,
)
from shop.models import Address, OutOfStock, PaymentDeclined, Product
from shop.models.order import Status

from .case import ShopCase


class CheckoutTest(ShopCase):
    def order(self, quantity=2):
        basket.put(self.user, "TEA-1", quantity)
        return placement.place(self.user)

    def test_order(self):
        order = self.order()
        self.assertEqual(str(order.total()), "9.00 EUR")
        self.assertEqual(self.tea.stock, 8)
        self.assertEqual(metrics.counters["orders"], 1)
        with self.assertRaises(placement.EmptyCart):
            placement.place(self.user)
        with self.assertRaises(OutOfStock):
            basket.put(self.user, "TEA-1", 9)

    def test_payment(self):
        order = self.order()
        payments.pay(order)
        self.assertIs(order.status, Status.PAID)
        refunds.refund(order)
        self.assertIs(order.status, Status.REFUNDED)
        self.assertEqual(mailer.sent[-1].body, "9.00 EUR")
        with self.assertRaises(PaymentDeclined):
            payments.pay(order, limit=1)

    def test_invoice(self):
        order = self.order()
        invoice = invoices.invoice(order)
        self.assertIs(invoices.invoice(order), invoice)
        self.assertIn("2 x TEA-1", invoices.render(invoice))

    def test_emails(self):
        emails.install()
        with patch("shop.checkout.emails.mailer") as fake:
            order = self.order()
        fake.send.assert_called_once()
        self.assertIn(str(order.id), fake.send.call_args[0][1])

    def test_fraud_and_reminders(self):
        self.assertFalse(fraud.suspicious(self.order(), Address(country="US")))
        basket.put(self.user, "TEA-2")
        self.assertEqual(reminders.remind(), 1)
        self.assertEqual(queue.work(), 1)
        self.assertTrue(Product.find(sku="TEA-2"))
