from dataclasses import dataclass, field

from .base import Model
from .catalog.price import ZERO, Money

__all__ = ["Invoice"]


@dataclass
class Invoice(Model):
    order_id: int = 0
    total: Money = field(default=ZERO)

    @property
    def number(self) -> str:
        return f"INV-{self.id:06d}"
