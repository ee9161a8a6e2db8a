from collections import defaultdict
from typing import Any, Callable, DefaultDict, List

_subscribers: DefaultDict[str, List[Callable[..., Any]]] = defaultdict(list)


def subscribe(event: str, handler: Callable[..., Any]) -> None:
    if handler not in _subscribers[event]:
        _subscribers[event].append(handler)


def publish(event: str, **values: Any) -> int:
    for handler in _subscribers[event]:
        handler(**values)
    return len(_subscribers[event])
