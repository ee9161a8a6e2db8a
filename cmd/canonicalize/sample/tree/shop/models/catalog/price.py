from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["Money", "ZERO"]

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str = "EUR"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, factor) -> "Money":
        amount = self.amount * Decimal(str(factor))
        return Money(amount.quantize(_CENT, ROUND_HALF_UP), self.currency)

    def __str__(self) -> str:
        return f"{self.amount.quantize(_CENT)} {self.currency}"


ZERO = Money(Decimal(0))
