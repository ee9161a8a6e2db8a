import enum
from dataclasses import dataclass, field
from typing import List

from .base import Model
from .catalog.price import ZERO, Money

__all__ = ["Order", "OrderLine", "Status"]


class Status(enum.Enum):
    NEW = "new"
    PAID = "paid"
    REFUNDED = "refunded"


@dataclass
class OrderLine:
    sku: str
    quantity: int
    price: Money


@dataclass
class Order(Model):
    user_id: int = 0
    lines: List[OrderLine] = field(default_factory=list)
    status: Status = Status.NEW

    def total(self) -> Money:
        total = ZERO
        for line in self.lines:
            total = total + line.price * line.quantity
        return total
