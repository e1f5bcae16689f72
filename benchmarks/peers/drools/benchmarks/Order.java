package benchmarks;

/** An order with what is kept of its member; each rule that holds leaves what it comes to. */
public final class Order {
    long amount, recent;
    int reward, weekday, month, home, orders, tier;
    public final long[] held = new long[11];

    public long getAmount() { return amount; }
    public long getRecent() { return recent; }
    public int getReward() { return reward; }
    public int getWeekday() { return weekday; }
    public int getMonth() { return month; }
    public int getHome() { return home; }
    public int getOrders() { return orders; }
    public int getTier() { return tier; }
}
