package benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.drools.modelcompiler.KieBaseBuilder;
import org.kie.api.KieBase;
import org.kie.api.runtime.KieSession;
import org.kie.api.runtime.rule.FactHandle;

/** Folds the columns of a file event by event, warm, and prints the nanoseconds of each run. */
public final class Drools {
    /** Arguments: the columns, where entries go, how many runs warm up, how many count. */
    public static void main(String[] said) throws IOException {
        KieBase rules = KieBaseBuilder.createKieBaseFromModel(Rules.model());
        Columns columns = new Columns(Path.of(said[0]));
        int warm = Integer.parseInt(said[2]), runs = warm + Integer.parseInt(said[3]);
        Book book = null;
        for (int run = 0; run < runs; run++) {
            KieSession session = rules.newKieSession();
            long start = System.nanoTime();
            book = fold(session, columns);
            if (run >= warm) System.out.println(System.nanoTime() - start);
            session.dispose();
        }
        write(Path.of(said[1]), book);
    }

    private static Book fold(KieSession session, Columns in) {
        Book book = new Book(in);
        for (int i = 0; i < in.member.length; i++) {
            int member = in.member[i], day = in.day[i];
            if (book.due[member] <= day) book.expire(member, day);
            switch (in.type[i]) {
                case 0 -> order(session, book, i, member, day);
                case 1 -> {
                    CheckIn visit = new CheckIn();
                    fire(session, visit);
                    book.visit(i, member, day, visit.held);
                }
                case 2 -> book.redeem(i, member, day);
                default -> book.refund(i, member, day);
            }
        }
        for (int member = 0; member < in.home.length; member++) book.expire(member, in.until);
        return book;
    }

    private static void order(KieSession session, Book book, int i, int member, int day) {
        Columns in = book.in;
        Order order = new Order();
        order.amount = in.amount[i];
        book.count(member, day, order.amount);
        order.recent = book.recent[member];
        order.orders = book.orders[member];
        order.tier = book.tier[member];
        order.reward = in.reward[i];
        order.home = in.home[member];
        order.weekday = (day + 3) % 7 + 1;
        order.month = in.month[day - in.firstDay] % 12 + 1;
        fire(session, order);
        book.give(i, member, day, order.held);
    }

    private static void fire(KieSession session, Object fact) {
        FactHandle handle = session.insert(fact);
        session.fireAllRules();
        session.delete(handle);
    }

    private static void write(Path file, Book book) throws IOException {
        Entries out = book.out;
        long[] sizes = {out.count, out.noted, book.granted, book.refused};
        long[] rows = Arrays.copyOf(out.rows, 8 * out.count);
        long[] notes = Arrays.copyOf(out.notes, 3 * out.noted);
        ByteBuffer bytes = ByteBuffer.allocate(8 * (sizes.length + rows.length + notes.length));
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(sizes).put(rows).put(notes);
        Files.write(file, bytes.array());
    }
}
