from typing import List, NamedTuple


class Message(NamedTuple):
    to: str
    subject: str
    body: str


class Mailer:
    def __init__(self) -> None:
        self.sent: List[Message] = []

    def send(self, to: str, subject: str, body: str = "") -> None:
        self.sent.append(Message(to, subject, body))

    def clear(self) -> None:
        self.sent.clear()


mailer = Mailer()
