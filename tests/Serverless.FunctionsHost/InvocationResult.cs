namespace Serverless.FunctionsHost;

/// <summary>How the host sees that an invocation of a timer ended.</summary>
/// <param name="Failure">Why it failed; null when it succeeded.</param>
/// <param name="Logs">What the function wants logged.</param>
/// <param name="TimedOut">Whether it ran longer than host.json's functionTimeout; the host starts another worker then.</param>
public sealed record InvocationResult(string? Failure, IReadOnlyList<string> Logs, bool TimedOut = false)
{
    public bool Succeeded => Failure is null;
}
