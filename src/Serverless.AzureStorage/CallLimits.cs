namespace Serverless.AzureStorage;

/// <summary>How long calls to storage take at most, so that whoever waits for one that never ends hears so while he still listens.</summary>
/// <param name="Try">A try of a call that sends next to nothing, and a pause of an answer.</param>
/// <param name="Call">A call that sends next to nothing, all its tries and the pauses between them.</param>
internal sealed record CallLimits(TimeSpan Try, TimeSpan Call)
{
    /// <summary>The link that a body is granted the time of, in bytes per second: a block of 8 MiB may take a minute longer than a call without a body.</summary>
    public const int SlowestLink = 128 * 1024;

    /// <summary>Three tries that are never answered; clients wait 30 seconds at least for a request.</summary>
    public static CallLimits Default { get; } = new(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(26));

    /// <summary>A try that sends so many bytes.</summary>
    public TimeSpan OfTry(long length) => Try + Sending(length);

    /// <summary>A call that sends so many bytes.</summary>
    public TimeSpan OfCall(long length) => Call + Sending(length);

    private static TimeSpan Sending(long length) => TimeSpan.FromSeconds((double)length / SlowestLink);
}
