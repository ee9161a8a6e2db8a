from dataclasses import dataclass, field

from ..base import Model
from .price import ZERO, Money

__all__ = ["OutOfStock", "Product"]


class OutOfStock(Exception):
    """Fewer left than asked for."""


@dataclass
class Product(Model):
    sku: str = ""
    name: str = ""
    price: Money = field(default=ZERO)
    stock: int = 0
    category_id: int = 0
    weight: int = 0

    def take(self, quantity: int) -> None:
        if quantity > self.stock:
            raise OutOfStock(self.sku)
        self.stock -= quantity
