namespace Serverless.FunctionsHost;

/// <summary>How an invocation ended.</summary>
/// <param name="Failure">Why it failed; null when it succeeded.</param>
/// <param name="Logs">What the worker logged within it, without levels and categories.</param>
/// <param name="TimedOut">Whether it ran longer than host.json's functionTimeout; its token is cancelled then, and the worker lives on.</param>
public sealed record InvocationResult(string? Failure, IReadOnlyList<string> Logs, bool TimedOut = false)
{
    public bool Succeeded => Failure is null;
}
