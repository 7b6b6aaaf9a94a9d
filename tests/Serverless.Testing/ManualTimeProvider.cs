namespace Serverless.Testing;

/// <summary>
/// A clock that is moved by hand and whose timers are real, for tests with servers: what an app does from time to time does not begin in the middle of a test that
/// lets a day pass. Other tests have a FakeTimeProvider, whose timers fire when it is moved.
/// </summary>
/// <param name="startNow">Whether it starts at the real time, for tests with servers that have clocks of their own.</param>
public sealed class ManualTimeProvider(bool startNow = false) : TimeProvider
{
    // The millisecond after a whole second: what happens only at some milliseconds does not come at random.
    private long _ticks = startNow ? StartOfSecond(System.GetUtcNow()) + TimeSpan.TicksPerMillisecond : new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    private static long StartOfSecond(DateTimeOffset time) => time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond);
}
