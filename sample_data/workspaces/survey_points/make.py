"""Makes the members and events of this workspace: the same bytes from the same seed, every time."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
FIRST, DAYS = date(2025, 3, 1), 487  # to 30 June 2026
PEOPLE = 400
HEADER = (
    "event_id,member_id,type,at,passed,method,course,score,project,kind,minutes,quality,survey,"
    "right,helpful,reward,quantity,redeem,referrer,draw,wallet,amount,reason,by"
)
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超霞平刚晨雨欣然博文佳琪思远"
CITIES = ("上海", "杭州", "成都", "武汉", "西安", "长沙", "郑州", "合肥", "昆明", "沈阳")
CHANNELS = ("friend", "wechat", "campus", "community", "search")
KINDS = ("online", "online", "online", "online", "diary", "visit")
# What somebody saves for, with about what it costs, and the days of the year in which it is there.
GOODS = {
    "phone_10": 1050, "phone_30": 3000, "phone_50": 4900, "video_month": 1900,
    "music_month": 1200, "movie_ticket": 2700, "coffee": 900, "bakery": 950, "towel": 700,
    "umbrella": 1500, "notebook": 450, "tea_box": 600, "thermos": 2600, "desk_lamp": 5600,
    "power_bank": 4200, "backpack": 4000, "headphones": 3900, "library": 300, "tree": 500,
    "first_pick_pass": 400,
}  # fmt: skip
SEASONAL = {
    "cooling_mat": (1500, date(2025, 6, 1), date(2025, 8, 31)),
    "mooncakes": (1200, date(2025, 9, 10), date(2025, 10, 6)),
    "new_year_box": (2400, date(2026, 1, 15), date(2026, 2, 16)),
}
SMALL = ("tea_box", "library", "notebook", "towel", "tree", "coffee", "phone_10", "bakery")
SMALL_COST, EXPERT_MINUTES = 2000, 700
NEW_YEAR = (date(2026, 2, 15), date(2026, 2, 22))  # hardly anybody answers then
VOUCHERS = ("movie_ticket", "bakery", "coffee")


@dataclass
class Person:
    """Somebody of the community, and how far he is."""

    member_id: str
    name: str
    phone: str
    device: str
    city: str
    birthday: str
    channel: str
    keen: int  # on how many of a thousand days he answers
    joins: int  # day, from 0
    joined_at: str = ""
    verified: int = DAYS
    away: range = range(0)
    careless: int = 20  # how many of a thousand answers are void
    streak: bool = False
    saved: int = 0
    minutes: int = 0
    done: int = 0
    wish: str = "tea_box"


@dataclass
class Story:
    """What happened, as rows, and the chance that it depends on."""

    chance: Random
    rows: list[dict[str, str]] = field(default_factory=list)

    def per_mille(self, share: int) -> bool:
        """Whether something of such a chance comes true."""
        return self.chance.randrange(1000) < share

    def time(self, day: int, first: int = 7, last: int = 22) -> datetime:
        """Some instant of a day, between two hours."""
        seconds = self.chance.randrange(first * 3600, last * 3600)
        return datetime(FIRST.year, FIRST.month, FIRST.day) + timedelta(day, seconds)

    def add(self, person: Person, type_: str, at: datetime, **cells: object) -> str:
        """Adds an event and returns its id; what lies behind the last day is left out."""
        name = f"{type_[:2]}{len(self.rows) + 1:05d}"
        if at.date() < FIRST + timedelta(DAYS):
            said = {key: str(value) for key, value in cells.items()}
            known = {"event_id": name, "member_id": person.member_id, "type": type_, "at": str(at)}
            self.rows.append(known | said)
        return name


def people(chance: Random) -> list[Person]:
    """The members, in order of joining: few who do much and many who do little."""
    ranks = list(range(PEOPLE))
    chance.shuffle(ranks)
    days = sorted(chance.randrange(DAYS - 20) * chance.randrange(200, 1001) // 1000 for _ in ranks)
    made = []
    for number, (rank, day) in enumerate(zip(ranks, days, strict=True), start=1):
        given = "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2))))
        born = date(1965, 1, 1) + timedelta(chance.randrange(40 * 365))
        away = chance.randrange(day, DAYS)
        made.append(
            Person(
                member_id=f"s{number:04d}",
                name=chance.choice(FAMILY) + given,
                phone=f"10{chance.randrange(10**9):09d}",
                device=f"d-{chance.randrange(10**6):06d}",
                city=chance.choice(CITIES),
                birthday=str(born) if chance.randrange(10) else "",
                channel=chance.choice(CHANNELS),
                keen=min(400, 4000 // (rank + 7)),
                joins=day,
                away=range(away, away + chance.randrange(65, 120)) if rank % 3 == 0 else range(0),
                wish=chance.choice(SMALL),
                careless=300 if rank % 23 == 5 else 20,
            )
        )
    return made


def begin(story: Story, person: Person, before: list[Person]) -> None:
    """Joining, brought by a friend or not; checking the name; the exam."""
    at = story.time(person.joins)
    person.joined_at = str(at)
    bring = story.chance.choices(before, [p.keen for p in before])[0] if before else None
    if bring and person.joins > 10 and story.per_mille(380):
        person.channel = "friend"
        if story.per_mille(60):  # a second account on the friend's own telephone
            person.device = bring.device
        story.add(person, "join", at, referrer=bring.member_id)
        bring.saved += 150
    else:
        story.add(person, "join", at)
    person.saved += 50
    if story.per_mille(900):
        day = person.joins + story.chance.choice((0, 0, 0, 1, 2, 5, 12, 33))
        if story.per_mille(120):
            story.add(
                person, "real_name_check", story.time(day, 7, 9), passed="false", method="face"
            )
        checked = story.time(day, 9, 22)
        checked = max(checked, at + timedelta(minutes=8))
        way = story.chance.choice(("face", "face", "bank"))
        story.add(person, "real_name_check", checked, passed="true", method=way)
        person.verified, person.saved = day, person.saved + 200
    if story.per_mille(750):
        exam(story, person)


def exam(story: Story, person: Person) -> None:
    """The exam, until it is passed or he has had enough."""
    day = person.joins + 1 + story.chance.randrange(6)
    for attempt in range(3):
        score = story.chance.choice((55, 65, 70, 75, 80, 85, 90, 95, 95, 100)) + attempt * 5
        at = story.time(day + attempt)
        story.add(person, "training_exam", at, course="basics", score=min(100, score))
        if score >= 80:
            person.saved += 100
            return


def daily(story: Story, person: Person, day: int) -> None:
    """Checking in, the question of the day, sharing."""
    person.streak = story.per_mille(
        680 + person.keen // 2 if person.streak else 5 + person.keen // 7
    )
    if not person.streak:
        return
    at = story.time(day, 6, 12)
    story.add(person, "check_in", at)
    if story.per_mille(15):
        story.add(person, "check_in", at + timedelta(hours=5))
    person.saved += 4
    if story.per_mille(480):
        right = story.per_mille(720)
        story.add(person, "quiz", at + timedelta(minutes=2), right="true" if right else "false")
    if story.per_mille(170):
        project = f"p{day // 5:03d}"
        story.add(person, "share", at + timedelta(minutes=9), project=project)
    if person.saved >= 60 and day >= person.verified and story.per_mille(150):
        for spin in range(story.chance.choice((1, 1, 2, 3, 3, 4))):
            story.add(person, "draw", at + timedelta(minutes=20 + spin), draw="wheel")
            person.saved -= 12


def answer(story: Story, person: Person, day: int) -> None:
    """A task: signing up, doing it, sometimes a word about it, sometimes void."""
    today = FIRST + timedelta(day)
    kind = story.chance.choice(KINDS)
    project = f"p{day // 5:03d}{kind[0]}"
    at = story.time(day, 12, 21)
    for other in range(story.chance.choice((0, 1, 1, 1, 1, 4))):
        signed = at - timedelta(hours=3, minutes=-other)
        story.add(person, "sign_up", signed, project=project if other == 0 else f"{project}{other}")
        person.saved += 5
    if NEW_YEAR[0] <= today <= NEW_YEAR[1] and kind != "visit":
        return
    minutes = story.chance.choice((5, 8, 8, 10, 12, 15, 20)) * (3 if kind == "visit" else 1)
    void = story.per_mille(person.careless)
    quality = story.chance.randrange(10, 50) if void else story.chance.randrange(60, 101)
    task = {"project": project, "kind": kind, "minutes": minutes, "quality": quality}
    done = story.add(person, "survey", at, **task)
    if void:
        found = story.time(day + story.chance.randrange(2, 7), 9, 18)
        why = story.chance.choice(("too_fast", "contradicts_itself", "all_the_same"))
        story.add(person, "survey_void", found, survey=done, reason=why)
        return
    person.done += 1
    if person.done % 10 == 0 and story.per_mille(550):  # the voucher of every tenth task
        used = story.time(day + 1 + story.chance.randrange(25), 10, 21)
        story.add(person, "use", used, reward="bakery")
    person.minutes += minutes
    person.saved += minutes * 9 + (0 if person.minutes > minutes else 200)
    if story.per_mille(40):
        helpful = "true" if story.per_mille(450) else "false"
        told = at + timedelta(hours=20)
        story.add(person, "feedback", told, project=project, helpful=helpful)


def shop(story: Story, person: Person, day: int) -> None:
    """Takes what he has saved for, or what the season has; now and then he thinks again."""
    today, new = FIRST + timedelta(day), day - person.joins
    at = story.time(day, 20, 23)
    for good, (cost, first, last) in SEASONAL.items():
        if first <= today <= last + timedelta(5) and person.saved > cost and story.per_mille(300):
            story.add(person, "redeem", at, reward=good, quantity=1)
            person.saved -= cost
    if 3 <= new <= 32 and person.saved > 250 and story.per_mille(40):
        story.add(person, "redeem", at, reward="starter_socks", quantity=1)
        person.saved -= 200
    cost = GOODS[person.wish]
    if new < 15 or (person.saved * 10 < cost * 11 and not story.per_mille(2)):
        return
    number = 2 if cost < 1000 and person.saved > 3 * cost else 1
    later = at + timedelta(minutes=3)
    taken = story.add(person, "redeem", later, reward=person.wish, quantity=number)
    if story.per_mille(35):
        story.add(person, "cancel_redeem", at + timedelta(minutes=40), redeem=taken)
    else:
        person.saved -= cost * number
        if person.wish in VOUCHERS and number == 1 and story.per_mille(700) and person.saved > 0:
            used = story.time(day + 1 + story.chance.randrange(25), 10, 21)
            story.add(person, "use", used, reward=person.wish)
    person.wish = wanted(story, person)


def wanted(story: Story, person: Person) -> str:
    """What somebody saves for next: something small, or what takes him a while."""
    if person.minutes >= EXPERT_MINUTES and story.per_mille(400):
        return story.chance.choice(("headphones", "backpack", "backpack"))
    dear = person.keen > 30 and story.per_mille(800)
    return story.chance.choice([g for g, c in GOODS.items() if (c > SMALL_COST) == dear])


def happen(story: Story, members: list[Person]) -> None:
    """Day by day, what each member does."""
    for day in range(DAYS):
        busy = 1300 if (FIRST + timedelta(day)).weekday() >= 5 else 900
        for number, person in enumerate(members):
            if person.joins > day:
                break
            if person.joins == day:
                begin(story, person, members[:number])
            elif day not in person.away:
                daily(story, person, day)
                if day >= person.verified and story.per_mille(person.keen * busy // 1000):
                    answer(story, person, day)
                if story.per_mille(400):
                    shop(story, person, day)
    for number in range(12):  # the help desk makes good what went wrong
        person = members[number * 17]
        at = story.time(DAYS - 1 - number * 9, 9, 18)
        why = ("项目取消补偿", "误判废卷补回")[number % 2]
        said = {"wallet": "points", "amount": 50 + number * 5, "reason": why, "by": "客服"}
        story.add(person, "adjust", at, **said)


def write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    """Writes a CSV file, the same on every system."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def main(folder: Path) -> None:
    """Writes members.csv and events.csv into a folder."""
    chance = Random(1)
    members, story = people(chance), Story(chance)
    happen(story, members)
    story.rows.sort(key=lambda row: (row["at"], row["event_id"]))
    known = ["member_id", "joined_at", "name", "phone", "device", "city", "birthday", "channel"]
    rows = [{key: str(getattr(person, key)) for key in known} for person in members]
    write(folder / "members.csv", known, rows)
    write(folder / "events.csv", HEADER.split(","), story.rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
