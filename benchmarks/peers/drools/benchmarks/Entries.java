package benchmarks;

import java.util.Arrays;

/** Entries and notes as they are written: eight and three numbers each. */
final class Entries {
    static final int EARN = 0, BONUS = 1, SPEND = 2, REVERSE = 3, EXPIRE = 4;
    long[] rows = new long[1 << 16], notes = new long[1 << 10];
    int count, noted;

    void write(long amount, int event, int member, int day, int lot, int position, int rule,
            int kind) {
        if (8 * count == rows.length) rows = Arrays.copyOf(rows, 2 * rows.length);
        int at = 8 * count++;
        rows[at] = amount;
        rows[at + 1] = event;
        rows[at + 2] = member;
        rows[at + 3] = day;
        rows[at + 4] = lot;
        rows[at + 5] = position;
        rows[at + 6] = rule;
        rows[at + 7] = kind;
    }

    void note(long wanted, long missing, int row) {
        if (3 * noted == notes.length) notes = Arrays.copyOf(notes, 2 * notes.length);
        int at = 3 * noted++;
        notes[at] = wanted;
        notes[at + 1] = missing;
        notes[at + 2] = row;
    }
}
