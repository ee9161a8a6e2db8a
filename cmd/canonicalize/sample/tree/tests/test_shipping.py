from shop.checkout import basket, payments, placement
from shop.models import Address, Status
from shop.shipping import dispatch, parcels, rates, returns, tracking

from .case import ShopCase


class ShippingTest(ShopCase):
    def setUp(self):
        super().setUp()
        basket.put(self.user, "CUP-1", 2)
        self.order = placement.place(self.user)

    def test_dispatch(self):
        (shipment,) = dispatch.dispatch(self.order)
        self.assertIs(shipment.status, Status.SENT)
        tracking.delivered(shipment)
        self.assertEqual(tracking.open_shipments(), [])

    def test_rate(self):
        (parcel,) = parcels.pack(self.order)
        rate = rates.rate(parcel, Address(country="FR"), self.order.total())
        self.assertEqual(str(rate), "9.90 EUR")

    def test_return(self):
        payments.pay(self.order)
        refund = returns.take_back(self.order)
        self.assertEqual(str(refund.amount), "24.00 EUR")
