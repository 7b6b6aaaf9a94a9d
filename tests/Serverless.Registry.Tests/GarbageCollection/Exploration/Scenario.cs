using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Who does what at once, beginning from what.</summary>
internal sealed record Scenario(Snapshot Start, IReadOnlyList<Script> Scripts)
{
    /// <summary>The choices that hold for everybody.</summary>
    public static RegistryOptions DefaultOptions { get; } = new() { BlockSize = 64 * 1024, UploadSecret = new byte[32] };

    public RegistryOptions Options { get; init; } = DefaultOptions;

    /// <summary>A collector that has all the time in the world, and does one thing at a time.</summary>
    public static CollectionOptions Patient { get; } = new() { TimeBudget = TimeSpan.FromDays(1000), MaxParallel = 1 };

    /// <summary>What the collector is asked to do.</summary>
    public CollectionOptions Collection { get; init; } = Patient;

    /// <summary>Whether bytes were lost before the scenario begins.</summary>
    public bool BytesMayBeLost { get; init; }

    /// <summary>Whether somebody changes what holds for all instances; else it does not matter when that is read.</summary>
    public bool SharedRowsChange { get; init; }

    /// <summary>Prefixes of the rows of repositories that no actor writes, so that it does not matter when they are read; a write of one fails the exploration.</summary>
    public IReadOnlyCollection<string> Unwritten { get; init; } = [TableKeys.PullPrefix];

    /// <summary>How many actors may stop in the middle.</summary>
    public int Crashes { get; init; }

    /// <summary>How many calls may be applied twice, because their answers are lost.</summary>
    public int LostAnswers { get; init; }

    /// <summary>The last epoch: what was there before is of epoch 0, the actors begin in 1.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>What was promised to clients before.</summary>
    public Action<Promises> Begin { get; init; } = _ => { };

    /// <summary>Breaks a rule for the actors of a name.</summary>
    public Scenario Breaking(string actor, Func<Stores, Actor, Stores> change) =>
        this with { Scripts = [.. Scripts.Select(s => s.Name.StartsWith(actor, StringComparison.Ordinal) ? s with { Break = change } : s)] };
}
