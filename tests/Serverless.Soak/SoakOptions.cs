using System.Globalization;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;

namespace Serverless.Soak;

/// <summary>What was asked for on the command line.</summary>
internal sealed record SoakOptions
{
    /// <summary>A grace of seconds: all that belongs together is lowered together.</summary>
    public static readonly RegistryOptions Registry = new()
    {
        BlockSize = 64 * 1024,
        Grace = TimeSpan.FromSeconds(6),
        UploadLifetime = TimeSpan.FromSeconds(3),
        LongestRequest = TimeSpan.FromSeconds(3),
        AnnouncementMemory = TimeSpan.FromSeconds(1),
        UploadSecret = new byte[32],
    };

    /// <summary>Manifests without a tag go after a grace.</summary>
    public static readonly CollectionOptions Collection = new() { DeleteUntagged = true, UntaggedAge = Registry.Grace };

    /// <summary>Where everything is kept: memory, azurite or local.</summary>
    public string Storage { get; private init; } = "memory";

    public TimeSpan Duration { get; private init; } = TimeSpan.FromMinutes(1);

    public ulong Seed { get; private init; } = 1;

    /// <summary>Whether the collectors delete whatever version there is: then something must be lost.</summary>
    public bool DeleteAnyVersion { get; private init; }

    /// <returns>Null when they make no sense.</returns>
    public static SoakOptions? Parse(IReadOnlyList<string> arguments)
    {
        var options = new SoakOptions();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i], value)
            {
                case ("--storage", "memory" or "azurite" or "local"):
                    options = options with { Storage = value };
                    break;
                case ("--minutes", _) when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) && minutes > 0:
                    options = options with { Duration = TimeSpan.FromMinutes(minutes) };
                    break;
                case ("--seed", _) when ulong.TryParse(value, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case ("--without", "conditional-delete"):
                    options = options with { DeleteAnyVersion = true };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
