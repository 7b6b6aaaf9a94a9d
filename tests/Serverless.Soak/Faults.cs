using Serverless.Registry.Storage;
using Serverless.Testing;

namespace Serverless.Soak;

/// <summary>The two ports together.</summary>
internal readonly record struct Stores(ITableStore Tables, IObjectStore Objects);

/// <summary>
/// What goes wrong between one instance and storage: calls are slow, fail with 503 before or after they were applied, are applied twice because an answer
/// was lost, or the instance dies and nothing that it would still do happens.
/// </summary>
/// <param name="random">Says when.</param>
/// <param name="rate">How many of ten thousand calls fail in each of these ways.</param>
internal sealed class Faults(SeededGenerator random, int rate)
{
    private readonly Lock _lock = new();

    /// <summary>Whether the instance has died.</summary>
    public bool Dead { get; private set; }

    public Stores Between(Stores stores) => new(new FaultyTableStore(stores.Tables, this), new FaultyObjectStore(stores.Objects, this));

    public async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        var (fault, delay) = Draw();
        if (delay > 0) await Task.Delay(delay);
        return await fault.RunAsync(call);
    }

    private (StorageFault? Fault, int Delay) Draw()
    {
        lock (_lock)
        {
            if (Dead) throw new SimulatedCrashException();
            var delay = random.Chance(500, 10_000) ? random.Next(random.Next(10) == 0 ? 300 : 30) : 0;
            if (random.Chance(rate, 10_000)) return (StorageFault.Unavailable, delay);
            if (random.Chance(rate, 10_000)) return (StorageFault.AppliedButUnavailable, delay);
            if (random.Chance(rate, 10_000)) return (StorageFault.AppliedButTimedOut, delay);
            if (random.Chance(rate, 10_000)) return (StorageFault.TimedOut, delay);
            if (random.Chance(2 * rate, 10_000)) return (StorageFault.Replay, delay);
            if (!random.Chance(rate, 10_000)) return (null, delay);
            Dead = true;
            return (random.Next(2) == 0 ? StorageFault.CrashBefore : StorageFault.CrashAfter, delay);
        }
    }
}
