"""A real shop's year with made-up wishes: orders of the file, who redeems what, what is refunded.

Orders, amounts, customers and cancellations are the file's. It does not say which order a
cancellation takes back: here it is the customer's last one before. Redemptions are made up from a
seed, without a look at any balance, so some do not fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tests.generator import yaml_text

Plain = dict[str, Any]
SEED = 2011
LONDON = ZoneInfo("Europe/London")
POLICIES: dict[str, Plain] = {
    "clamp": {"below zero": "no", "on refund": "clamp"},
    "below zero": {"below zero": "no", "on refund": "below zero"},
    "pending only": {"below zero": "no", "on refund": "pending only"},
    "spends below zero": {"below zero": "yes"},
}
PROGRAM: Plain = {
    "program": {"name": "Gift shop", "timezone": "Europe/London", "money": "GBP"},
    "events": {"order": {"amount": "money"}, "refund": {"reverses": "order", "amount": "money"}},
    "wallets": {"points": {"expires": "6 months", "pending": "3 days", "value": Decimal("0.01")}},
    "facts": {"net_spend": {"sum": "order.amount", "less": "refund.amount"}},
    "tiers": {
        "measure": "net_spend", "ladder": {"member": 0, "silver": 1000, "gold": 5000},
        "upgrade": "after", "downgrade": "reassess", "review": "at once",
        "benefits": {"silver": {"points": Decimal("1.25")}, "gold": {"points": Decimal("1.5")}},
    },
    "rewards": {
        "five_off": {"coupon": Decimal("5.00"), "cost": {"points": 200}, "limit": "2 per month",
                     "valid": "30 days"},
        "mug": {"item": "mug", "cost": {"points": 350}},
        "pound": {"voucher": Decimal("1.00"), "cost": {"points": 100}},
        "pay_with_points": {"rate": {"points": 100, "money": Decimal("1.00")},
                            "at most": "50% of amount", "at least": "100 points"},
    },
    "earn": {
        "purchase": {"when": "order", "give": {"points": "amount"}},
        "thank_you": {"when": "order", "if": (">=", "net_spend", 500), "once": True,
                      "give": {"coupon": "five_off"}},
    },
}  # fmt: skip
DATA = """
data:
  events:
    - file: invoices.parquet
      type: order
      where: CustomerID is not null and InvoiceNo not like 'C%'
      group by: InvoiceNo
      columns:
        event_id: InvoiceNo
        member_id: CustomerID
        at: InvoiceDate
        amount: sum(Quantity * UnitPrice)
    - file: wishes.parquet
      type: type
      columns: {event_id: id, member_id: member, at: clock, amount: amount, order: invoice,
                reward: reward, quantity: quantity, points: points, redeem: redeem}
"""
INVOICES = """
create table sold as
with invoice as (
    select InvoiceNo as id, cast(cast(any_value(CustomerID) as bigint) as varchar) as who,
        min(InvoiceDate) as clock, InvoiceNo like 'C%' as cancels, cast(round(100 * abs(sum(
            cast(Quantity as bigint) * cast(UnitPrice as decimal(18, 3))))) as bigint) as pence
    from read_parquet('{file}') where CustomerID is not null group by InvoiceNo
), paid as (
    select *, null::varchar as invoice from invoice where not cancels
), back as (
    select c.*, o.id as invoice from invoice c join paid o using (who)
    where c.cancels and c.pence > 0 and o.pence > 0 and o.clock <= c.clock
    qualify row_number() over (partition by c.id order by o.clock desc, o.id desc) = 1
)
select * from paid union all select * from back order by clock, id
"""
WISHES = pa.schema(
    [
        ("id", pa.string()), ("member", pa.string()), ("type", pa.string()),
        ("clock", pa.timestamp("us")), ("amount", pa.decimal128(18, 2)), ("invoice", pa.string()),
        ("reward", pa.string()), ("quantity", pa.int64()), ("points", pa.int64()),
        ("redeem", pa.string()),
    ]
)  # fmt: skip


def program(policy: str) -> Plain:
    """The program with one policy for what a refund may take, as plain values."""
    wallet = PROGRAM["wallets"]["points"] | POLICIES[policy]
    return {**PROGRAM, "wallets": {"points": wallet}}


def rules(policy: str) -> str:
    """The same as a user writes it, with how the files are read."""
    return yaml_text.written(program(policy)) + DATA


def events(connection: duckdb.DuckDBPyConnection, file: Path) -> list[Plain]:
    """Orders, refunds and redemptions, plain; leaves `sold` behind."""
    connection.execute(INVOICES.format(file=file))
    rng, made = Random(SEED), list[Plain]()
    rows = connection.execute("select * from sold order by clock, id").fetchall()
    for key, who, clock, cancels, pence, invoice in rows:
        event = {"id": key, "member": who, "clock": clock, "amount": Decimal(pence) / 100}
        made.append(
            event | ({"type": "refund", "order": invoice} if cancels else {"type": "order"})
        )
        made += [] if cancels else _wishes(rng, event)
    return [event | {"at": event["clock"].replace(tzinfo=LONDON)} for event in made]


def _wishes(rng: Random, order: Plain) -> Iterator[Plain]:
    """What a customer wants: to pay a part of an order; days later a reward, or its points back."""
    key, clock = order["id"], order["clock"]
    if rng.random() < 0.3:
        points = rng.choice((50, 100, 200, 500, 1000))
        yield _redeem(f"{key}p", order, clock, "pay_with_points") | {"points": points, "order": key}
    if rng.random() < 0.6:
        later = clock + timedelta(days=rng.randrange(3, 12), minutes=rng.randrange(300))
        reward = rng.choice(("five_off", "mug", "pound", "pound", "pound", "pound", "scarf"))
        pounds = int(order["amount"] // 100)  # as many as the order itself gave
        quantity = max(1, pounds) if reward == "pound" else rng.choice((1, 1, 2))
        yield _redeem(f"r{key}", order, later, reward) | {"quantity": quantity}
        if rng.random() < 0.1:
            again = later + timedelta(hours=rng.randrange(1, 1500))
            yield _of(f"x{key}", order, again, "cancel_redeem") | {"redeem": f"r{key}"}


def _of(key: str, order: Plain, clock: datetime, kind: str) -> Plain:
    return {"id": key, "member": order["member"], "clock": clock, "type": kind}


def _redeem(key: str, order: Plain, clock: datetime, reward: str) -> Plain:
    return _of(key, order, clock, "redeem") | {"reward": reward}


def write(happened: list[Plain], file: Path) -> None:
    """Writes what the shop's own file does not hold."""
    rows = [
        {name: event.get({"invoice": "order"}.get(name, name)) for name in WISHES.names}
        for event in happened
        if event["type"] != "order"
    ]
    pq.write_table(pa.Table.from_pylist(rows, WISHES), file)
