"""`perkbook tree` as a user calls it: a branch of invitations, as text, as a graph, as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.shell import perkbook, write

RULES = """\
program: {name: 小店, timezone: Asia/Shanghai, money: CNY}
events: {order: {amount: money}, refund: {reverses: order, amount: money}}
wallets: {points: {}, rebate: {unit: money}}
referral:
  bought: {when: order, give referrer: {points: 10, rebate: amount * 0.05}}
"""
EVENTS = """\
event_id,member_id,type,at,referrer,amount,order
j1,李娜,join,2026-03-01 10:00,,,
j2,王伟,join,2026-03-02 10:00,李娜,,
j3,张敏,join,2026-03-03 10:00,王伟,,
j4,"a""<b>",join,2026-03-04 10:00,李娜,,
o1,王伟,order,2026-03-05 10:00,,80.00,
r1,王伟,refund,2026-03-06 10:00,,40.00,o1
"""
FILES = {"rules/shop.yaml": RULES, "events.csv": EVENTS}


def test_a_branch_is_told_line_by_line(tmp_path: Path) -> None:
    done = perkbook("tree", "李娜", "--events", "events.csv", folder=write(tmp_path, FILES))
    assert (done.returncode, done.stderr) == (0, "")
    # 80.00 gives 10 points and 4.00; half of it is refunded.
    assert done.stdout == (
        "李娜, 2 friends\n"
        "├─ 王伟, brought 2026-03-02, qualified 2026-03-05, 1 friend, gave 10 points, 4.00 rebate, "
        "taken back 5 points, 2.00 rebate\n"
        "│  └─ 张敏, brought 2026-03-03\n"
        '└─ a"<b>, brought 2026-03-04\n'
    )


def test_a_branch_goes_as_far_down_as_is_asked(tmp_path: Path) -> None:
    done = perkbook(
        "tree", "王伟", "rules", "--events", "events.csv", "--depth", "0",
        folder=write(tmp_path, FILES),
    )  # fmt: skip
    assert done.stdout.startswith("王伟, brought by 李娜 2026-03-02, qualified")
    assert done.stdout.count("\n") == 1


def test_a_graph_shows_names_as_they_are(tmp_path: Path) -> None:
    done = perkbook("tree", "李娜", "--events", "events.csv", "--mermaid",
                    folder=write(tmp_path, FILES))  # fmt: skip
    assert done.stdout == (
        "graph TD\n"
        '  m0["李娜"]\n'
        '  m1["王伟"]\n'
        "  m0 --> m1\n"
        '  m2["张敏"]\n'
        "  m1 --> m2\n"
        '  m3["a&quot;&lt;b>"]\n'
        "  m0 --> m3\n"
        "  classDef qualified stroke-width:3px\n"
        "  class m1 qualified\n"
    )


def test_json_has_the_branch_in_order(tmp_path: Path) -> None:
    done = perkbook("tree", "李娜", "--events", "events.csv", "--json",
                    folder=write(tmp_path, FILES))  # fmt: skip
    said = json.loads(done.stdout)
    assert [one["member_id"] for one in said["members"]] == ["李娜", "王伟", "张敏", 'a"<b>']
    assert said["members"][1] == {
        "member_id": "王伟", "referrer_id": "李娜", "below": 1,
        "at": "2026-03-02T10:00:00+08:00", "qualified_at": "2026-03-05T10:00:00+08:00",
        "friends": 1, "role": None, "boss_id": None, "given": {"points": 10, "rebate": 400},
        "taken_back": {"points": 5, "rebate": 200},
    }  # fmt: skip


def test_a_stranger_and_rules_without_referral_are_told(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    done = perkbook("tree", "nobody", "--events", "events.csv", folder=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no member nobody." in done.stderr
    write(folder, {"rules/shop.yaml": RULES.split("referral:")[0]})
    done = perkbook("tree", "李娜", "--events", "events.csv", folder=folder)
    assert done.returncode == 1
    assert "The rules have no section `referral`." in done.stderr


def test_explain_tells_whose_order_paid_and_whom(tmp_path: Path) -> None:
    done = perkbook("explain", "rules", "--events", "events.csv", "--member", "李娜",
                    folder=write(tmp_path, FILES))  # fmt: skip
    assert (
        """\
2026-03-05 10:00:00  order o1 of 王伟
  + bought (rules/shop.yaml:5)
  + bought (rules/shop.yaml:5), referrer, to 李娜
      points: 10, entry 10
      rebate: amount * 0.05 = 4, entry 4.00
  = +10 points bonus by bought, lot o1/points/李娜
  = +4.00 rebate bonus by bought, lot o1/rebate/李娜
"""
        in done.stdout
    )


def test_the_replay_tells_what_a_new_customer_cost(tmp_path: Path) -> None:
    done = perkbook("replay", "rules", "--events", "events.csv", "--out", "out",
                    folder=write(tmp_path, FILES))  # fmt: skip
    assert "           3  members brought by others\n" in done.stdout
    assert "  referrals cost 2.00 CNY, 2.00 for each of them\n" in done.stdout
    assert (tmp_path / "out" / "referrals.parquet").exists()


def test_a_chain_is_seen_before_and_after_a_move(tmp_path: Path) -> None:
    rules = RULES.split("referral:")[0] + "chain: {starter: amount >= 50, team: {points: 5}}\n"
    events = """\
event_id,member_id,type,at,referrer,amount
j2,b,join,2026-03-02 10:00,a,
o1,a,order,2026-03-01 10:00,,50
o2,b,order,2026-03-03 10:00,,50
j3,c,join,2026-03-04 10:00,a,
o3,c,order,2026-03-05 10:00,,50
j4,d,join,2026-03-06 10:00,b,
o4,d,order,2026-03-07 10:00,,50
"""
    folder = write(tmp_path, {"rules/shop.yaml": rules, "events.csv": events})
    before = perkbook("tree", "b", "--events", "events.csv", "--until", "2026-03-04", folder=folder)
    assert before.stdout.startswith("b, brought by a 2026-03-02, agent\n")
    # With c a has brought two agents and is a boss: b and c had nobody above and stay with nobody.
    after = perkbook("tree", "a", "--events", "events.csv", "--mermaid", folder=folder)
    assert '  m1["b, agent"]\n' in after.stdout
    assert '  m2["d, agent"]\n' in after.stdout
