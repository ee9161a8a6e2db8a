import datetime


class Clock:
    def today(self) -> datetime.date:
        return datetime.date.today()


clock = Clock()
