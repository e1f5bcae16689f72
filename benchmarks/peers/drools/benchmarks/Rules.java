package benchmarks;

import static org.drools.model.DSL.declarationOf;
import static org.drools.model.DSL.on;
import static org.drools.model.PatternDSL.alphaIndexedBy;
import static org.drools.model.PatternDSL.pattern;
import static org.drools.model.PatternDSL.rule;

import java.util.List;
import org.drools.model.Index;
import org.drools.model.Model;
import org.drools.model.Rule;
import org.drools.model.Variable;
import org.drools.model.functions.Block1;
import org.drools.model.functions.Predicate1;
import org.drools.model.impl.ModelImpl;

/**
 * The twelve rules in the form into which Drools compiles DRL: its own canonical model. The wheel
 * that carries the jars has a parser of DRL that does not fit the library it needs.
 */
final class Rules {
    private static final Variable<Order> ORDER = declarationOf(Order.class);
    private static final Variable<CheckIn> CHECK_IN = declarationOf(CheckIn.class);

    static Model model() {
        ModelImpl model = new ModelImpl();
        List.of(
            rule("purchase").build(pattern(ORDER),
                on(ORDER).execute(o -> o.held[0] = o.getAmount() * 10)),
            when("big_basket", o -> o.getAmount() >= 30000, o -> o.held[1] = 30000),
            rule("tea_time").build(
                pattern(ORDER).expr("tea", o -> o.getReward() == 1,
                    alphaIndexedBy(int.class, Index.ConstraintType.EQUAL, 0, Order::getReward, 1)),
                on(ORDER).execute(o -> o.held[2] = o.getAmount() * 5)),
            when("weekend", o -> o.getWeekday() >= 6, o -> o.held[3] = o.getAmount() * 2),
            when("home_town",
                o -> o.getHome() == 1 && o.getAmount() >= 5000 && o.getAmount() <= 50000,
                o -> o.held[4] = 5000),
            when("first_order", o -> o.getOrders() == 1, o -> o.held[5] = 100000),
            when("every_tenth", o -> o.getOrders() % 10 == 0, o -> o.held[6] = 50000),
            when("busy_quarter", o -> o.getRecent() >= 200000, o -> o.held[7] = o.getAmount()),
            tier("silver", 1, o -> o.held[8] = 2),
            tier("gold", 2, o -> o.held[9] = 5),
            when("crab_season", o -> o.getReward() >= 2 && o.getMonth() >= 9,
                o -> o.held[10] = 10),
            rule("visit").build(pattern(CHECK_IN), on(CHECK_IN).execute(c -> c.held = 2000))
        ).forEach(model::addRule);
        return model;
    }

    private static Rule when(String name, Predicate1<Order> condition, Block1<Order> gives) {
        return rule(name).build(
            pattern(ORDER).expr(name, condition), on(ORDER).execute(gives));
    }

    private static Rule tier(String name, int number, Block1<Order> gives) {
        return rule(name).build(
            pattern(ORDER).expr(name, o -> o.getTier() == number,
                alphaIndexedBy(int.class, Index.ConstraintType.EQUAL, 1, Order::getTier, number)),
            on(ORDER).execute(gives));
    }
}
