package benchmarks;

/** A visit; its rule leaves what it comes to. */
public final class CheckIn {
    public long held;
}
