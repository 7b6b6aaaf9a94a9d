using System.Collections.Concurrent;

namespace Serverless.FunctionsHost.Grpc;

/// <summary>An invocation whose end the worker has not told yet.</summary>
internal sealed class PendingInvocation
{
    private readonly ConcurrentQueue<string> _logs = new();
    private readonly TaskCompletionSource<InvocationResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<InvocationResult> Result => _result.Task;

    public void Log(string line) => _logs.Enqueue(line);

    /// <param name="failure">Why it failed; null when it succeeded.</param>
    public void End(string? failure) => _result.TrySetResult(new InvocationResult(failure, [.. _logs]));
}
