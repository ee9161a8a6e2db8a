from dataclasses import dataclass, field
from typing import Dict

from .base import Model

__all__ = ["Cart"]


@dataclass
class Cart(Model):
    user_id: int = 0
    lines: Dict[str, int] = field(default_factory=dict)

    def add(self, sku: str, quantity: int = 1) -> None:
        self.lines[sku] = self.lines.get(sku, 0) + quantity

    def products(self) -> list:
        from . import Product

        return [Product.find(sku=sku) for sku in self.lines]

    def is_empty(self) -> bool:
        return not self.lines
