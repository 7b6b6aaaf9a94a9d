using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Retention;
using Serverless.Registry.Verification;

namespace Serverless.Web.Settings;

/// <summary>The settings of what is done from time to time.</summary>
public sealed record MaintenanceSettings
{
    /// <summary>Garbage goes.</summary>
    public const string CollectGarbage = "CollectGarbage";

    /// <summary>Events are delivered that are left.</summary>
    public const string DeliverEvents = "DeliverEvents";

    /// <summary>Refresh tokens that have ended go.</summary>
    public const string PurgeTokens = "PurgeTokens";

    /// <summary>Tags go by rule.</summary>
    public const string ApplyRetention = "ApplyRetention";

    /// <summary>Storage is compared with the tables.</summary>
    public const string Verify = "Verify";

    /// <summary>Imports go on that nobody is at, and old ones go.</summary>
    public const string ImportImages = "ImportImages";

    /// <summary>The names of the tasks, in the order in which they have their turn.</summary>
    public static readonly IReadOnlyList<string> TaskNames = [CollectGarbage, DeliverEvents, PurgeTokens, ApplyRetention, Verify, ImportImages];

    /// <summary>How a collection goes about it.</summary>
    public required CollectionOptions Collection { get; init; }

    /// <summary>Which tags are to go.</summary>
    public IReadOnlyList<RetentionRule> Retention { get; private init; } = [];

    /// <summary>How storage is compared with the tables.</summary>
    public VerifyOptions Verification { get; private init; } = new();

    /// <summary>How often each task is done; those that are switched off are left out.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Intervals { get; private init; } = new Dictionary<string, TimeSpan>();

    /// <summary>
    /// How long the tasks that are due may run together, before they stop between two steps and leave the rest to the next run. The Functions host cancels a function that
    /// takes longer than host.json's <c>functionTimeout</c>.
    /// </summary>
    public TimeSpan TimeLimit { get; private init; }

    /// <summary>Reads the settings of the tasks.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="registry">The choices of the registry proper.</param>
    /// <param name="mirrors">The mirrors, whose rules of retention come before all others.</param>
    /// <param name="hasImports">Whether there can be imports.</param>
    public static MaintenanceSettings Read(SettingsReader reader, RegistryOptions registry, IReadOnlyList<MirrorSettings> mirrors, bool hasImports)
    {
        var defaults = new CollectionOptions();
        var (grace, limit) = (registry.Grace, reader.Duration("Timers:TimeLimit", TimeSpan.FromMinutes(25)));
        var settings = new MaintenanceSettings
        {
            Collection = new CollectionOptions
            {
                DeleteUntagged = reader.Flag("GarbageCollection:DeleteUntagged", defaults.DeleteUntagged),
                UntaggedAge = reader.Duration("GarbageCollection:UntaggedAge", defaults.UntaggedAge > grace ? defaults.UntaggedAge : grace),
                UploadAge = reader.Duration("Uploads:PurgeAge", grace),
                MaxParallel = reader.Number("GarbageCollection:MaxParallel", defaults.MaxParallel, 1, 256),
                TimeBudget = reader.Duration("GarbageCollection:TimeBudget", limit),
            },
            Retention = [.. mirrors.Select(m => m.Retention), .. reader.Sections("Retention").Select(rule => ReadRule(reader, rule))],
            Verification = new VerifyOptions
            {
                Repair = reader.Flag("Verification:Repair", false),
                DeleteOrphans = reader.Flag("Verification:DeleteOrphans", true),
                RehashDigests = reader.Flag("Verification:Rehash", false),
            },
            TimeLimit = limit,
            // Where nobody is told of anything, or can ask for anything, there is nothing to look for.
            Intervals = TaskNames.Where(name => reader.Flag($"Timers:{name}:Enabled", true) && (name != DeliverEvents || registry.Events.Count > 0) && (name != ImportImages || hasImports)).ToDictionary(
                name => name, name => reader.Duration($"Timers:{name}:Interval", DefaultInterval(name))),
        };
        if (settings.Collection.UntaggedAge < grace) reader.Problem("GarbageCollection:UntaggedAge", "must be at least GarbageCollection:Grace.");
        if (settings.Collection.UploadAge < grace) reader.Problem("Uploads:PurgeAge", "must be at least GarbageCollection:Grace.");
        return settings;
    }

    private static TimeSpan DefaultInterval(string name) => name switch
    {
        ApplyRetention or PurgeTokens => TimeSpan.FromDays(1),
        DeliverEvents => TimeSpan.FromMinutes(5),
        Verify => TimeSpan.FromDays(7),
        _ => TimeSpan.FromHours(1),
    };

    private static RetentionRule ReadRule(SettingsReader reader, string key)
    {
        var rule = new RetentionRule
        {
            Repositories = reader.Text(key + ":Repositories") ?? "*",
            Tags = reader.Text(key + ":Tags") ?? ".*",
            Except = reader.List(key + ":Except", "a regular expression", static text => text),
            KeepNewest = reader.Text(key + ":KeepNewest") is null ? null : reader.Number(key + ":KeepNewest", 1, 1, 100_000),
            NotPulledFor = reader.Text(key + ":NotPulledFor") is null ? null : reader.Duration(key + ":NotPulledFor", TimeSpan.MaxValue),
            OlderThan = reader.Text(key + ":OlderThan") is null ? null : reader.Duration(key + ":OlderThan", TimeSpan.MaxValue),
        };
        foreach (var problem in rule.Validate()) reader.Problem(key, problem);
        return rule;
    }
}
