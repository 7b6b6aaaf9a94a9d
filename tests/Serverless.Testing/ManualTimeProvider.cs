namespace Serverless.Testing;

/// <summary>A clock that is moved by hand.</summary>
/// <param name="startNow">Whether it starts at the real time, for tests with servers that have clocks of their own.</param>
public sealed class ManualTimeProvider(bool startNow = false) : TimeProvider
{
    private long _ticks = startNow ? System.GetUtcNow().UtcTicks : new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
