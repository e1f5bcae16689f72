"""Makes members.csv and events.csv of this workspace, the same bytes every time.

python sample_data/workspaces/chain_2_plus_1/make.py [FOLDER]
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

FIRST, LAST = date(2025, 3, 1), date(2026, 6, 30)
CUSTOMERS, STAFF, FOUNDERS, STARTER = 620, 8, 3, "1288.00"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = (
    "芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 秀兰 建国 志强 小红 雨桐 子涵 "
    "欣怡 浩然 佳琪 思远 春梅 海燕 晓东 文静 立新 国华 玉珍 一鸣 可心 若溪"
)
CITIES = "苏州 杭州 上海 南京 无锡 宁波 合肥 成都 武汉 长沙"
GOODS = {  # prices in yuan
    "grain": (29, 39, 58, 76, 98), "tea": (49, 88, 128, 198, 398), "care": (59, 99, 139, 259),
}  # fmt: skip
SEASONS = {  # how much is bought, by month; 100 otherwise
    "grain": {1: 190, 2: 60, 9: 130, 10: 140, 12: 150},
    "tea": {3: 150, 4: 190, 5: 140, 1: 130},
    "care": {6: 180, 11: 230, 3: 130},
}
WORDS = {
    "question_wrong": ("包装破了", "送得慢", "味道淡", "少发一件", "客服没回"),
    "question_friend": ("新茶", "小米", "面霜", "礼盒", "五谷粉"),
}
LETTERS = {  # with which the ids of each type begin
    "join": "j", "order": "o", "refund": "r", "received": "p", "redeem": "x", "draw": "d",
    "first_answer": "f", "second_answer": "s", "helpful": "h", "solved": "t",
}  # fmt: skip
COLUMNS = (
    "event_id member_id type at amount category coupon order parcel score words answer marked_by "
    "ticket hours rating reward referrer draw"
)


@dataclass(eq=False)
class Person:
    """A member with what the script has to remember of him."""

    id: str
    row: dict[str, str]
    joined: datetime
    orders_a_month: float
    referrer: Person | None = None
    starter: datetime | None = None
    income: list[date] = field(default_factory=list)  # days on which 100 yuan can be paid out


class Shop:
    """The events that have happened, and the dice."""

    def __init__(self) -> None:
        self.dice = Random(1)
        self.rows: list[dict[str, str]] = []
        self.counts: dict[str, int] = {}

    def happens(self, of: str, who: Person, at: datetime, **columns: object) -> str:
        """Adds an event of the type `of`, if it is within the time told; its id."""
        self.counts[of] = self.counts.get(of, 0) + 1
        event_id = f"{LETTERS[of]}{self.counts[of]:05d}"
        if at.date() <= LAST:
            told = {name: str(value) for name, value in columns.items()}
            known = {"event_id": event_id, "member_id": who.id, "type": of, "at": str(at)}
            self.rows.append(known | told)
        return event_id

    def chance(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent

    def heavy(self, least: float, most: float) -> float:
        """A number of which few are large."""
        return min(most, least * (1 - self.dice.random()) ** -0.8)

    def at(self, day: date) -> datetime:
        """An instant of that day, seldom at night."""
        hour = self.dice.choice((8, 9, 10, 11, 12, 12, 14, 15, 16, 19, 20, 20, 21, 21, 22))
        start = datetime(day.year, day.month, day.day, hour)
        return start + timedelta(seconds=self.dice.randrange(3600))

    def later(self, at: datetime, days: int, least: int = 0) -> datetime:
        """An instant `least` to `days` days after `at`, and behind it."""
        day = at.date() + timedelta(days=self.dice.randint(least, days))
        soon = at + timedelta(minutes=self.dice.randint(3, 300))
        return soon if day == at.date() else self.at(day)


def people(shop: Shop) -> list[Person]:
    """Founders, staff, then customers in the order of joining, most of them brought by somebody."""
    everyone = [_person(shop, n, FIRST, 2.0) for n in range(1, FOUNDERS + STAFF + 1)]
    for number, person in enumerate(everyone):
        person.row["kind"] = "customer" if number < FOUNDERS else "staff"
        person.row["founder"] = "true" if number < FOUNDERS else ""
    days = sorted((LAST - FIRST).days * shop.dice.random() ** 1.2 for _ in range(CUSTOMERS))
    for number, day in enumerate(days, FOUNDERS + STAFF + 1):
        joined = FIRST + timedelta(days=1 + int(day))
        person = _person(shop, number, joined, shop.heavy(0.24, 6))
        person.row["kind"] = "customer"
        _brought(shop, person, everyone)
        everyone.append(person)
    return everyone


def _person(shop: Shop, number: int, joined: date, orders_a_month: float) -> Person:
    name = shop.dice.choice(SURNAMES) + shop.dice.choice(GIVEN.split())
    at = shop.at(joined)
    row = {
        "member_id": f"h{number:04d}", "joined_at": str(at), "referrer_id": "", "name": name,
        "phone": f"10{shop.dice.randrange(10**9):09d}", "city": shop.dice.choice(CITIES.split()),
        "kind": "", "founder": "",
    }  # fmt: skip
    return Person(row["member_id"], row, at, orders_a_month)


def _brought(shop: Shop, person: Person, everyone: list[Person]) -> None:
    """Who brings this one, and whether he sells himself some weeks later."""
    known = [p for p in everyone if p.row["kind"] == "customer" and p.joined < person.joined]
    if shop.chance(62):
        weights = [_bringing(p, person.joined) for p in known]
        person.referrer = shop.dice.choices(known, weights)[0]
        person.row["referrer_id"] = person.referrer.id
        if shop.chance(2):
            person.row["phone"] = person.referrer.row["phone"]
    of_team = person.referrer is not None and _bringing(person.referrer, person.joined) >= 10
    if shop.chance(36 if of_team else 5):
        person.starter = shop.later(person.joined, 60, 1)


def _bringing(person: Person, at: datetime) -> float:
    """How likely he brings the next one, compared with others."""
    sells = person.starter is not None and person.starter < at
    own = 30 if person.row["founder"] else 10 + 3 * person.orders_a_month if sells else 0
    return own + person.orders_a_month


def invitations(shop: Shop, customers: list[Person]) -> None:
    """Joins as they were, and some that must be refused."""
    for person in customers:
        referrer = person.row["referrer_id"]
        if not referrer and not person.row["founder"] and shop.chance(4):
            referrer = shop.dice.choice((person.id, "没有这个人"))
        shop.happens("join", person, person.joined, referrer=referrer)
        if person.referrer and shop.chance(4):
            other = shop.dice.choice(customers[: customers.index(person)])
            shop.happens("join", person, shop.later(person.joined, 20, 1), referrer=other.id)
        elif person.referrer and person.referrer.referrer is None and shop.chance(4):
            later = shop.later(person.joined, 20, 1)
            shop.happens("join", person.referrer, later, referrer=person.id)


def selling(shop: Shop, customers: list[Person]) -> None:
    """Starter goods, some returned, and what agents are paid out of what they earned."""
    for person, at in [(p, p.starter) for p in customers if p.starter]:
        bought = shop.happens("order", person, at, amount=STARTER, category="starter")
        if shop.chance(5):
            shop.happens("refund", person, shop.later(at, 7, 2), order=bought)
        if person.referrer:
            person.referrer.income.append(at.date() + timedelta(days=16))
    for person in customers:
        for day in sorted(person.income)[:: shop.dice.randint(1, 2)]:
            shop.happens("redeem", person, shop.later(shop.at(day), 20), reward="cash_out")


def buying(shop: Shop, person: Person) -> None:
    """One customer's orders from joining on, and what follows from each."""
    points, coupons, asked = 0, [], FIRST - timedelta(days=99)
    day, orders = person.joined.date(), 0
    while (day := day + _gap(shop, person, orders)) <= LAST:
        at = shop.at(day)
        category, amount = _goods(shop, day)
        coupon = coupons.pop() if coupons and amount >= 80 and shop.chance(80) else ""
        bought = {"amount": f"{amount}.00", "category": category, "coupon": coupon}
        order = shop.happens("order", person, at, **bought)
        orders, points = orders + 1, points + amount
        if orders == 1 and person.referrer and amount >= 60:
            coupons.append("friend_ten")
        received = shop.later(at, 4, 2)
        shop.happens("received", person, received, parcel=order)
        if (received.date() - asked).days >= 60:
            asked = received.date()
            answering(shop, person, received)
        if shop.chance(4):
            share = amount if shop.chance(60) else amount // 3
            shop.happens("refund", person, shop.later(received, 5), order=order, amount=share)
        points = _redeemed(shop, person, shop.later(at, 12, 8), points, coupons)


def _gap(shop: Shop, person: Person, orders: int) -> timedelta:
    """Days to the next order: the first comes soon, later ones as often as he buys."""
    mean = 9 if orders == 0 else 30 / person.orders_a_month
    return timedelta(days=1 + int(mean * 2 * shop.dice.random()))


def _goods(shop: Shop, day: date) -> tuple[str, int]:
    weights = [SEASONS[goods].get(day.month, 100) for goods in GOODS]
    category = shop.dice.choices(tuple(GOODS), weights)[0]
    more = 2 if shop.chance(0.2 * SEASONS[category].get(day.month, 100)) else 1
    return category, shop.dice.choice(GOODS[category]) * more


def _redeemed(shop: Shop, person: Person, at: datetime, points: int, coupons: list[str]) -> int:
    """Takes rice or a coupon when there seem to be points for it; the points left."""
    reward, cost = ("rice", 900) if points >= 900 and shop.chance(25) else ("ten_off", 980)
    if points < cost or not shop.chance(50):
        return points
    shop.happens("redeem", person, at, reward=reward)
    coupons.extend(["ten_off"] if reward == "ten_off" else [])
    return points - cost


def answering(shop: Shop, person: Person, asked: datetime) -> None:
    """The two rounds of questions: many answer, some too late, and spin for it."""
    if not shop.chance(62):
        return
    first = shop.later(asked, 8)
    score = shop.dice.choices((2, 4, 5, 6, 7, 8, 9, 10), (3, 5, 6, 9, 14, 18, 24, 21))[0]
    shop.happens("first_answer", person, first, coupon="question_first", score=score)
    question = "question_wrong" if score <= 6 else "question_friend"
    if score in (7, 8) or not shop.chance(70):
        return
    second = shop.later(first, 8)
    told = {"coupon": question, "words": shop.dice.choice(WORDS[question])}
    shop.happens("second_answer", person, second, **told)
    if shop.chance(88):
        shop.happens("draw", person, shop.later(second, 2), draw="thanks_wheel")


def helping(shop: Shop, customers: list[Person]) -> None:
    """Answers in the community that were marked helpful, many by few."""
    for person in shop.dice.sample(customers, 150):
        for _ in range(int(shop.heavy(2, 160))):
            days = max(1, (LAST - person.joined.date()).days)
            at = shop.at(person.joined.date() + timedelta(days=shop.dice.randint(1, days)))
            for _ in range(5 if shop.chance(4) else 1):
                by = shop.dice.choices(("asker", "reader", "author"), (60, 36, 4))[0]
                answer = f"a{shop.counts.get('helpful', 0) + 1}"
                shop.happens("helpful", person, at, answer=answer, marked_by=by)
                at += timedelta(minutes=shop.dice.randint(1, 20))


def serving(shop: Shop, staff: Iterable[Person]) -> None:
    """What the service staff solved, six days a week, and the half days off they took."""
    for person in staff:
        busy, skill, earned = shop.heavy(0.5, 2.2), 0.6 + shop.dice.random(), 0
        for number in range((LAST - FIRST).days):
            day = FIRST + timedelta(days=number + 1)
            if day.weekday() == 6:
                continue
            for _ in range(int(busy + shop.dice.random())):
                earned += _solved(shop, person, shop.at(day), skill)
            if earned >= 800 and shop.chance(20):
                shop.happens("redeem", person, shop.at(day), reward="day_off")
                earned -= 800


def _solved(shop: Shop, person: Person, at: datetime, skill: float) -> int:
    """One matter solved; about what it is worth."""
    hours = round(shop.heavy(0.6, 60) * skill, 1)
    pleased = shop.chance(80 if hours <= 4 else 60 if hours <= 24 else 25)
    stars = shop.dice.choice((4, 5, 5)) if pleased else shop.dice.randint(1, 4)
    rating = "" if shop.chance(18) else stars
    ticket = f"t{shop.counts.get('solved', 0) + 1}"
    shop.happens("solved", person, at, ticket=ticket, hours=hours, rating=rating)
    return 9 if rating and stars >= 4 else 0


def write(path: Path, columns: Iterable[str], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(columns), restval="", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main(folder: Path) -> None:
    shop = Shop()
    everyone = people(shop)
    staff = [person for person in everyone if person.row["kind"] == "staff"]
    customers = [person for person in everyone if person not in staff]
    invitations(shop, customers)
    selling(shop, customers)
    for person in customers:
        buying(shop, person)
    helping(shop, customers)
    serving(shop, staff)
    write(folder / "members.csv", everyone[0].row, (p.row for p in everyone))
    shop.rows.sort(key=lambda row: (row["at"], row["event_id"]))
    write(folder / "events.csv", COLUMNS.split(), shop.rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
