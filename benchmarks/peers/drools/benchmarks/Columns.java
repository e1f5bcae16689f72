package benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The prepared columns, read from a file of 64-bit numbers: sizes, then column after column. */
final class Columns {
    final int[] member, type, day, reward, target, keep, home, lastDay, month;
    final long[] amount;
    final int firstDay, until;
    private final ByteBuffer bytes;

    Columns(Path file) throws IOException {
        bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int events = next(), members = next(), days = next();
        firstDay = next();
        until = next();
        member = ints(events);
        type = ints(events);
        day = ints(events);
        reward = ints(events);
        target = ints(events);
        keep = ints(events);
        amount = new long[events];
        for (int i = 0; i < events; i++) amount[i] = bytes.getLong();
        home = ints(members);
        lastDay = ints(days);
        month = ints(days);
    }

    private int next() {
        return (int) bytes.getLong();
    }

    private int[] ints(int size) {
        int[] found = new int[size];
        for (int i = 0; i < size; i++) found[i] = next();
        return found;
    }
}
