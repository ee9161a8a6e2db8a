from shop.app import publish
from shop.models import Order, Shipment, Status
from shop.shipping import parcels


def dispatch(order: Order, carrier: str = "post") -> list:
    shipments = []
    for parcel in parcels.pack(order):
        shipment = Shipment(order_id=order.id, parcel_id=parcel.id, carrier=carrier)
        shipment.status = Status.SENT
        shipments.append(shipment.save())
    publish("order.sent", order=order)
    return shipments
