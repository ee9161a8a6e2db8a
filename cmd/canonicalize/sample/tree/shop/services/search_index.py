from typing import Dict, List


class Index:
    def __init__(self) -> None:
        self._documents: Dict[str, str] = {}

    def add(self, key: str, text: str) -> None:
        self._documents[key] = text.lower()

    def search(self, word: str) -> List[str]:
        word = word.lower()
        return sorted(key for key, text in self._documents.items() if word in text)

    def clear(self) -> None:
        self._documents.clear()


index = Index()
