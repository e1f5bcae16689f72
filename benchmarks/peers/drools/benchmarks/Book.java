package benchmarks;

import java.util.Arrays;

/** What is kept of members and the entries that come of it; Drools says which rules hold. */
final class Book {
    static final long LESS = 1000, CAP = 500, SILVER = 100_000, GOLD = 500_000;
    static final long[] COSTS = {0, 200, 400, 800};
    static final int VISIT = 8, SEASON = 11, NEVER = Integer.MAX_VALUE;
    final Columns in;
    final Entries out = new Entries();
    final long[] spend, recent, active, used, left, gone, taken, day90;
    final int[] orders, tier, month, head, tail, due, lotDay, next, first, last, itemDay, itemNext;
    final long[][] gifts; // by order: rule, amount, taken back, again and again
    int items, granted, refused;

    Book(Columns in) {
        this.in = in;
        int members = in.home.length, events = in.member.length;
        spend = new long[members];
        recent = new long[members];
        active = new long[members];
        used = new long[members];
        orders = new int[members];
        tier = new int[members];
        month = filled(members, -1);
        head = filled(members, -1);
        tail = filled(members, -1);
        first = filled(members, -1);
        last = filled(members, -1);
        due = filled(members, NEVER);
        left = new long[events];
        gone = new long[events];
        lotDay = new int[events];
        next = new int[events];
        int kept = Arrays.stream(in.keep).max().orElse(-1) + 1;
        taken = new long[kept];
        gifts = new long[kept][];
        day90 = new long[events];
        itemDay = new int[events];
        itemNext = new int[events];
    }

    private static int[] filled(int size, int value) {
        int[] found = new int[size];
        Arrays.fill(found, value);
        return found;
    }

    void count(int member, int day, long amount) {
        orders[member]++;
        spend[member] += amount;
        recent[member] += amount;
        while (first[member] >= 0 && itemDay[first[member]] < day - 89) {
            recent[member] -= day90[first[member]];
            first[member] = itemNext[first[member]];
            if (first[member] < 0) last[member] = -1;
        }
        int end = last[member];
        if (end >= 0 && itemDay[end] == day) {
            day90[end] += amount;
            return;
        }
        day90[items] = amount;
        itemDay[items] = day;
        itemNext[items] = -1;
        if (end >= 0) itemNext[end] = items;
        else first[member] = items;
        last[member] = items++;
    }

    void give(int i, int member, int day, long[] held) {
        long total = 0, done = 0, bought = held[0];
        int start = out.count;
        for (int rule = 0; rule < 10; rule++) {
            if (held[rule] == 0) continue;
            if (rule < 8) {
                total += held[rule];
            } else {
                long step = bought * held[rule] / 10;
                bought += step;
                total += step;
            }
            long points = total / LESS;
            int named = rule < 8 ? rule : rule + 1, kind = rule < 8 ? Entries.EARN : Entries.BONUS;
            out.write(points - done, i, member, day, i, out.count - start, named, kind);
            done = points;
        }
        if (held[10] != 0) {
            long wanted = (total + bought * held[10] / 10) / LESS - done;
            long got = cap(member, in.month[day - in.firstDay], wanted);
            if (got != wanted) out.note(wanted, 0, out.count);
            out.write(got, i, member, day, i, out.count - start, SEASON, Entries.BONUS);
            done += got;
        }
        if (done > 0) open(i, member, day, done);
        else for (int row = start; row < out.count; row++) out.rows[8 * row + 4] = -1;
        if (in.keep[i] >= 0) remember(in.keep[i], start);
        if (spend[member] >= SILVER) tier[member] = spend[member] >= GOLD ? 2 : 1;
    }

    private long cap(int member, int now, long wanted) {
        if (month[member] != now) {
            month[member] = now;
            used[member] = 0;
        }
        long got = Math.min(wanted, CAP - used[member]);
        used[member] += got;
        return got;
    }

    private void remember(int keep, int start) {
        long[] found = new long[3 * (out.count - start)];
        for (int row = start; row < out.count; row++) {
            found[3 * (row - start)] = out.rows[8 * row + 6];
            found[3 * (row - start) + 1] = out.rows[8 * row];
        }
        gifts[keep] = found;
    }

    void visit(int i, int member, int day, long held) {
        out.write(held / LESS, i, member, day, i, 0, VISIT, Entries.EARN);
        open(i, member, day, held / LESS);
    }

    private void open(int i, int member, int day, long amount) {
        left[i] = amount;
        lotDay[i] = in.lastDay[day - in.firstDay];
        next[i] = -1;
        if (tail[member] >= 0) {
            next[tail[member]] = i;
        } else {
            head[member] = i;
            due[member] = lotDay[i] + 1;
        }
        tail[member] = i;
        active[member] += amount;
    }

    private void drop(int member) {
        head[member] = next[head[member]];
        if (head[member] < 0) tail[member] = -1;
        due[member] = head[member] < 0 ? NEVER : lotDay[head[member]] + 1;
    }

    void expire(int member, int day) {
        int position = 0, before = -1;
        while (due[member] <= day) {
            int lot = head[member];
            if (left[lot] > 0) {
                position = due[member] == before ? position + 1 : 0;
                before = due[member];
                out.write(-left[lot], -1, member, before, lot, position, -1, Entries.EXPIRE);
                active[member] -= left[lot];
                gone[lot] += left[lot];
                left[lot] = 0;
            }
            drop(member);
        }
    }

    private long take(int i, int member, int day, int start, int kind, int rule, long amount) {
        while (amount > 0 && head[member] >= 0) {
            int lot = head[member];
            long part = Math.min(left[lot], amount);
            if (part > 0) {
                out.write(-part, i, member, day, lot, out.count - start, rule, kind);
                amount -= part;
                left[lot] -= part;
            }
            if (left[lot] == 0) drop(member);
        }
        return amount;
    }

    void redeem(int i, int member, int day) {
        long cost = COSTS[in.reward[i]];
        if (cost > active[member]) {
            refused++;
            return;
        }
        active[member] -= cost;
        take(i, member, day, out.count, Entries.SPEND, 11 + in.reward[i], cost);
        granted++;
    }

    void refund(int i, int member, int day) {
        int order = in.target[i], keep = in.keep[order], start = out.count;
        long base = in.amount[order], amount = in.amount[i], before = 0, rest = 0;
        taken[keep] = amount < 0 ? base : Math.min(base, taken[keep] + amount);
        long[] kept = gifts[keep];
        for (int g = 0; g < kept.length; g += 3) before += kept[g + 1];
        rest = before * taken[keep] / base;
        for (int g = 0; g < kept.length; g += 3) rest -= kept[g + 2];
        before = 0;
        for (int g = 0; g < kept.length; g += 3) {
            long after = before + kept[g + 1];
            long goal = after * taken[keep] / base - before * taken[keep] / base;
            long need = Math.min(goal - kept[g + 2], rest);
            before = after;
            if (need > 0) {
                kept[g + 2] += need;
                rest -= need;
                takeBack(i, member, day, start, order, (int) kept[g], need);
            }
        }
    }

    private void takeBack(int i, int member, int day, int start, int order, int rule, long need) {
        long expired = Math.min(gone[order], need);
        gone[order] -= expired;
        need -= expired;
        long wanted = need, part = Math.min(left[order], need);
        int from = out.count;
        if (part > 0) {
            out.write(-part, i, member, day, order, from - start, rule, Entries.REVERSE);
            left[order] -= part;
            need -= part;
        }
        need = take(i, member, day, start, Entries.REVERSE, rule, need);
        active[member] -= wanted - need;
        if (need > 0) {
            if (out.count == from) {
                out.write(0, i, member, day, -1, from - start, rule, Entries.REVERSE);
            }
            out.note(-wanted, need, out.count - 1);
        }
    }
}
