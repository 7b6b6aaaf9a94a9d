using System.Collections.Concurrent;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Timers;

/// <summary>Invokes timer functions of the worker, by hand and by their schedules.</summary>
internal sealed partial class TimerInvoker(FunctionIndex functions, HostFile host, WorkerSupervisor workers, TimeProvider timeProvider, ILogger logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, Running> _running = new();

    /// <summary>Runs a timer function now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such timer.</exception>
    public async Task<InvocationResult> RunAsync(string name)
    {
        var timer = functions.Timers[name];
        var result = await timer.RunAsync(data => InvokeAsync(timer.Name, data), timeProvider);
        if (result.Failure is { } reason) LogFailed(timer.Name, reason);
        return result;
    }

    /// <summary>Runs every timer at its times until it is told to stop.</summary>
    public Task RunSchedulesAsync(CancellationToken stopping) => Task.WhenAll(functions.Timers.Values.Select(timer => RunScheduleAsync(timer, stopping)));

    /// <summary>Waits for the invocations that run, cancels what is left of them, and waits for their end.</summary>
    /// <param name="patience">How long they may run on.</param>
    /// <param name="limit">How long it takes at most in all.</param>
    public async Task StopAsync(TimeSpan patience, TimeSpan limit)
    {
        var ends = Task.WhenAll(_running.Values.Select(r => r.End));
        await Task.WhenAny(ends, Task.Delay(patience));
        foreach (var (id, running) in _running) running.Worker.Cancel(id);
        if (limit > patience) await Task.WhenAny(ends, Task.Delay(limit - patience));
    }

    public void Dispose()
    {
        foreach (var timer in functions.Timers.Values) timer.Dispose();
    }

    private async Task RunScheduleAsync(TimerTrigger timer, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var now = timeProvider.GetUtcNow().UtcDateTime;
            // A delay has no more than some weeks; the time is looked at again after a day.
            var wait = timer.Next(now) - now;
            var isLong = wait > TimeSpan.FromDays(1);
            await Task.Delay(isLong ? TimeSpan.FromDays(1) : wait, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!isLong && !stopping.IsCancellationRequested) await RunAsync(timer.Name);
        }
    }

    private async Task<InvocationResult> InvokeAsync(string function, InvocationData data)
    {
        var worker = await workers.GetAsync(CancellationToken.None);
        var id = Guid.NewGuid().ToString();
        var invocation = worker.InvokeAsync(function, id, data);
        _running[id] = new Running(worker, invocation);
        try
        {
            return await invocation.WaitAsync(host.FunctionTimeout ?? Timeout.InfiniteTimeSpan, timeProvider);
        }
        catch (TimeoutException)
        {
            // The worker lives on, and so does the function if it does not mind its token.
            worker.Cancel(id);
            return new InvocationResult($"Timeout value of {host.FunctionTimeout} exceeded by function '{function}'.", [], TimedOut: true);
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Executed {Function} (Failed): {Reason}")]
    private partial void LogFailed(string function, string reason);

    private sealed record Running(Worker Worker, Task<InvocationResult> End);
}
