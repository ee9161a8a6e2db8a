from dataclasses import dataclass, field

from .base import Model
from .catalog.price import ZERO, Money

__all__ = ["Payment", "PaymentDeclined", "Refund"]


class PaymentDeclined(Exception):
    """The bank said no."""


@dataclass
class Payment(Model):
    order_id: int = 0
    amount: Money = field(default=ZERO)
    method: str = "card"


@dataclass
class Refund(Model):
    payment_id: int = 0
    amount: Money = field(default=ZERO)
