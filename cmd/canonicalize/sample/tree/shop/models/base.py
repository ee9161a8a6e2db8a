import itertools
import logging
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Type, TypeVar

logger = logging.getLogger("shop.models")

_ids = itertools.count(1)
_rows: Dict[type, Dict[int, Any]] = {}

M = TypeVar("M", bound="Model")


class NotFound(LookupError):
    """No such row."""


@dataclass
class Model:
    id: int = field(default_factory=lambda: next(_ids), init=False)

    def save(self: M) -> M:
        _rows.setdefault(type(self), {})[self.id] = self
        return self

    def delete(self) -> None:
        _rows.get(type(self), {}).pop(self.id, None)

    @classmethod
    def all(cls: Type[M]) -> List[M]:
        return list(_rows.get(cls, {}).values())

    @classmethod
    def get(cls: Type[M], id: int) -> M:
        try:
            return _rows[cls][id]
        except KeyError:
            raise NotFound(f"{cls.__name__} {id}") from None

    @classmethod
    def find(cls: Type[M], **values: Any) -> Optional[M]:
        for row in cls.all():
            if all(getattr(row, key) == value for key, value in values.items()):
                return row
        return None


def forget_everything() -> None:
    """Empty the store; for tests."""
    logger.debug("forgetting %d tables", len(_rows))
    _rows.clear()
