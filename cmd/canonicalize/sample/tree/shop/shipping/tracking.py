from shop.models import Shipment, Status as ShipmentStatus


def delivered(shipment: Shipment) -> None:
    shipment.status = ShipmentStatus.DELIVERED


def open_shipments() -> list:
    return [s for s in Shipment.all() if s.status is not ShipmentStatus.DELIVERED]
