using Serverless.Functions.Hosting;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Repositories;

namespace Serverless.Functions.Maintenance;

/// <summary>The settings of what is done from time to time.</summary>
internal sealed record MaintenanceSettings
{
    /// <summary>The names of the timer functions.</summary>
    public static readonly IReadOnlyList<string> TaskNames = [CollectGarbage, PurgeUploads];

    public const string CollectGarbage = "CollectGarbage";
    public const string PurgeUploads = "PurgeUploads";

    /// <summary>How a collection goes about it.</summary>
    public required CollectionOptions Collection { get; init; }

    /// <summary>How long an upload must not have been used to be purged.</summary>
    public TimeSpan PurgeAge { get; private init; }

    /// <summary>How often each task is done without the Functions host; those that are switched off are left out.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Intervals { get; private init; } = new Dictionary<string, TimeSpan>();

    public static MaintenanceSettings Read(SettingsReader reader, RegistryOptions registry)
    {
        var defaults = new CollectionOptions();
        var grace = registry.Grace;
        var settings = new MaintenanceSettings
        {
            Collection = new CollectionOptions
            {
                DeleteUntagged = reader.Flag("GarbageCollection:DeleteUntagged", defaults.DeleteUntagged),
                UntaggedAge = reader.Duration("GarbageCollection:UntaggedAge", defaults.UntaggedAge > grace ? defaults.UntaggedAge : grace),
                TimeBudget = reader.Duration("GarbageCollection:TimeBudget", defaults.TimeBudget),
            },
            PurgeAge = reader.Duration("Uploads:PurgeAge", grace),
            Intervals = TaskNames.Where(name => reader.Flag($"Timers:{name}:Enabled", true)).ToDictionary(
                name => name, name => reader.Duration($"Timers:{name}:Interval", TimeSpan.FromHours(1))),
        };
        foreach (var name in TaskNames)
        {
            // The host reads the schedules of its timers itself, from the same settings.
            _ = reader.Text($"Timers:{name}:Schedule");
        }

        if (settings.Collection.UntaggedAge < grace) reader.Problem("GarbageCollection:UntaggedAge", "must be at least GarbageCollection:Grace.");
        if (settings.PurgeAge < grace) reader.Problem("Uploads:PurgeAge", "must be at least GarbageCollection:Grace.");
        return settings;
    }
}
