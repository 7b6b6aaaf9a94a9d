using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost;

/// <summary>Calls timer functions of the worker, by hand and by their schedules.</summary>
internal sealed partial class TimerInvoker(FunctionIndex functions, HostFile host, WorkerSupervisor worker, TimeProvider timeProvider, ILogger logger) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Runs a timer function now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such timer.</exception>
    public async Task<InvocationResult> RunAsync(string name)
    {
        var timer = functions.Timers[name];
        var result = await timer.RunAsync(payload => CallAsync(timer.Name, payload), timeProvider.GetUtcNow().UtcDateTime);
        foreach (var line in result.Logs) LogLine(timer.Name, line);
        if (result.Failure is { } reason) LogFailed(timer.Name, reason);
        return result;
    }

    /// <summary>Runs every timer at its times until it is told to stop.</summary>
    public Task RunSchedulesAsync(CancellationToken stopping) => Task.WhenAll(functions.Timers.Values.Select(timer => RunScheduleAsync(timer, stopping)));

    public void Dispose()
    {
        _client.Dispose();
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

    private async Task<InvocationResult> CallAsync(string name, JsonObject payload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(worker.Address, name)) { Content = JsonContent.Create(payload) };
        request.Headers.Add("X-Azure-Functions-HostVersion", "4.0.0.0");
        request.Headers.Add("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        request.Headers.UserAgent.ParseAdd("Azure-Functions-Host/4.0.0.0");
        using var tooLong = new CancellationTokenSource(host.FunctionTimeout ?? Timeout.InfiniteTimeSpan, timeProvider);
        try
        {
            using var answer = await _client.SendAsync(request, tooLong.Token);
            return await TimerAnswer.ReadAsync(answer);
        }
        catch (OperationCanceledException)
        {
            // The host cannot end a function alone.
            worker.Restart();
            return new InvocationResult($"Timeout value of {host.FunctionTimeout} exceeded by function '{name}'.", [], TimedOut: true);
        }
        catch (HttpRequestException e)
        {
            return new InvocationResult($"The worker did not answer: {e.Message}", []);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Function}: {Line}")]
    private partial void LogLine(string function, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "Executed {Function} (Failed): {Reason}")]
    private partial void LogFailed(string function, string reason);
}
