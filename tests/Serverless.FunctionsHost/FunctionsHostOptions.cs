using System.Net;

namespace Serverless.FunctionsHost;

/// <summary>What the platform tells the host: where the app is, its settings, and the limits.</summary>
public sealed record FunctionsHostOptions
{
    /// <summary>The published folder, with host.json and functions.metadata.</summary>
    public required string AppRoot { get; init; }

    /// <summary>The address on which the host listens.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>
    /// The app settings. They are the environment of the worker, they may override host.json (<c>AzureFunctionsJobHost__</c> and the path in it), the schedules of timers and the
    /// names of queues refer to them as <c>%NAME%</c>, and <c>AzureWebJobs.FUNCTION.Disabled</c> switches a function off.
    /// </summary>
    public IReadOnlyDictionary<string, string> AppSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>The address from which requests seem to come, as X-Forwarded-For tells the worker: that of a front end. Null: the client's own.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>How long a worker may take from its start until all its functions are loaded.</summary>
    public TimeSpan InitializationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker may take until its answer begins; the load balancer in front of the host gives up then.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(230);

    /// <summary>How long nothing may move between host and worker.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(240);

    /// <summary>How long requests may take to end when the host stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the invocations of timers and queues may run on when the host stops, before they are cancelled.</summary>
    public TimeSpan InvocationStopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a message that was taken from a queue is out of sight, unless that is renewed: the real host's own, which no setting changes.</summary>
    public TimeSpan QueueVisibility { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a worker may take to end when it is told to.</summary>
    public TimeSpan TerminateGracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets every line that the worker prints, and every one that it logs as <c>LEVEL: CATEGORY: TEXT</c>; null keeps only the last ones printed for error messages.</summary>
    public Action<string>? WorkerOutput { get; init; }

    /// <summary>The largest body in bytes, whether its length is said or not.</summary>
    /// <exception cref="HostRefusesException">The setting is no number.</exception>
    public long RequestBodySizeLimit => AppSettings.GetValueOrDefault("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") is not { } text ? 104_857_600
        : long.TryParse(text, out var limit) && limit > 0 ? limit
        : throw new HostRefusesException($"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is '{text}'.");
}
