using System.Collections.Concurrent;
using Serverless.FunctionsHost.App;

namespace Serverless.FunctionsHost.Workers;

/// <summary>Invokes the functions that have no request, whatever triggers them.</summary>
internal sealed partial class Invoker(HostFile host, WorkerSupervisor workers, TimeProvider timeProvider, ILogger logger)
{
    private readonly ConcurrentDictionary<string, Running> _running = new();

    /// <summary>Whether no function will run any more, because the worker has ended too often.</summary>
    public bool HasGivenUp => workers.HasGivenUp;

    /// <summary>Runs a function; ends when it has, or is out of time.</summary>
    public async Task<InvocationResult> InvokeAsync(string function, InvocationData data)
    {
        var worker = await workers.GetAsync(CancellationToken.None);
        var id = Guid.NewGuid().ToString();
        var running = _running[id] = new Running(worker, worker.InvokeAsync(function, id, data));
        var result = await WaitAsync(function, id, running);
        _running.TryRemove(id, out _);
        if (result.Failure is { } reason) LogFailed(function, reason);
        return result;
    }

    /// <summary>Waits for the invocations that run, cancels what is left of them, and waits for their end.</summary>
    /// <param name="listening">Ends when nobody begins another one any more: a message may just have been taken.</param>
    /// <param name="patience">How long they may run on.</param>
    /// <param name="limit">How long it takes at most in all.</param>
    public async Task StopAsync(Task listening, TimeSpan patience, TimeSpan limit)
    {
        var ends = Task.WhenAll([listening, .. _running.Values.Select(r => r.End)]);
        await Task.WhenAny(ends, Task.Delay(patience));
        foreach (var (id, running) in _running) running.Worker.Cancel(id);
        if (limit > patience) await Task.WhenAny(ends, Task.Delay(limit - patience));
    }

    private async Task<InvocationResult> WaitAsync(string function, string id, Running running)
    {
        try
        {
            return await running.End.WaitAsync(host.FunctionTimeout ?? Timeout.InfiniteTimeSpan, timeProvider);
        }
        catch (TimeoutException)
        {
            // The worker lives on, and so does the function if it does not mind its token.
            running.Worker.Cancel(id);
            return new InvocationResult($"Timeout value of {host.FunctionTimeout} exceeded by function '{function}'.", [], TimedOut: true);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Executed {Function} (Failed): {Reason}")]
    private partial void LogFailed(string function, string reason);

    private sealed record Running(Worker Worker, Task<InvocationResult> End);
}
