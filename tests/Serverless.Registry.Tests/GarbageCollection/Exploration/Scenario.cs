using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Who does what at once, beginning from what.</summary>
internal sealed record Scenario(Snapshot Start, IReadOnlyList<Script> Scripts)
{
    /// <summary>The choices that hold for everybody.</summary>
    public static RegistryOptions DefaultOptions { get; } = new() { BlockSize = 64 * 1024, UploadSecret = new byte[32] };

    public RegistryOptions Options { get; init; } = DefaultOptions;

    /// <summary>What the collector is asked to do. It has all the time in the world.</summary>
    public CollectionOptions Collection { get; init; } = new() { TimeBudget = TimeSpan.FromDays(1000) };

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
