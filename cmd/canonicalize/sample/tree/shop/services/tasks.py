from typing import Any, Callable, List, Tuple


class Queue:
    def __init__(self) -> None:
        self._tasks: List[Tuple[Callable[..., Any], tuple]] = []

    def put(self, task: Callable[..., Any], *args: Any) -> None:
        self._tasks.append((task, args))

    def work(self) -> int:
        done = 0
        while self._tasks:
            task, args = self._tasks.pop(0)
            task(*args)
            done += 1
        return done

    def clear(self) -> None:
        self._tasks.clear()


queue = Queue()
