using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Timers;

/// <summary>Invokes timer functions of the worker, by hand and by their schedules.</summary>
internal sealed class TimerInvoker(FunctionIndex functions, Invoker invoker, TimeProvider timeProvider) : IDisposable
{
    /// <summary>Runs a timer function now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such timer.</exception>
    public async Task<InvocationResult> RunAsync(string name)
    {
        var timer = functions.Timers[name];
        return await timer.RunAsync(data => invoker.InvokeAsync(timer.Name, data), timeProvider);
    }

    /// <summary>Runs every timer at its times until it is told to stop.</summary>
    public Task RunSchedulesAsync(CancellationToken stopping) => Task.WhenAll(functions.Timers.Values.Select(timer => RunScheduleAsync(timer, stopping)));

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
}
