from typing import Any, Callable, Dict


class Cache:
    def __init__(self) -> None:
        self._values: Dict[str, Any] = {}

    def get_or_set(self, key: str, make: Callable[[], Any]) -> Any:
        if key not in self._values:
            self._values[key] = make()
        return self._values[key]

    def forget(self, key: str) -> None:
        self._values.pop(key, None)

    def clear(self) -> None:
        self._values.clear()


cache = Cache()
