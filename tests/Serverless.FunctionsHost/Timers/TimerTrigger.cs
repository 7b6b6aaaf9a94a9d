using System.Globalization;
using System.Text.Json.Nodes;
using NCrontab;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Timers;

/// <summary>A timer function: its schedule, and what the host remembers of it.</summary>
internal sealed class TimerTrigger(FunctionMetadata.Timer function, CrontabSchedule schedule) : IDisposable
{
    private const int ComparedTimes = 10;

    // What has never run did so in the year 1.
    private const string Never = "0001-01-01T00:00:00";

    // The host runs a timer once at a time, over all instances.
    private readonly SemaphoreSlim _turn = new(1);
    private DateTime? _last;

    public string Name => function.Name;

    /// <summary>The next time of the schedule, UTC.</summary>
    public DateTime Next(DateTime after) => schedule.GetNextOccurrence(after);

    /// <summary>Waits for the turn of the function and runs it with the data that the host sends.</summary>
    public async Task<InvocationResult> RunAsync(Func<InvocationData, Task<InvocationResult>> invokeAsync, TimeProvider timeProvider)
    {
        await _turn.WaitAsync();
        try
        {
            var now = timeProvider.GetUtcNow().UtcDateTime;
            var result = await invokeAsync(InvocationData.OfTimer(function, Describe(now)));
            _last = now;
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // The TimerInfo.
    private JsonObject Describe(DateTime now) => new()
    {
        ["Schedule"] = new JsonObject { ["AdjustForDST"] = true },
        // The host keeps no record of a timer that runs more often than once a minute.
        ["ScheduleStatus"] = IsBelowAMinute(now) ? null : new JsonObject
        {
            ["Last"] = _last is { } last ? Text(last) : Never,
            ["Next"] = Text(Next(now)),
            ["LastUpdated"] = Text(_last ?? now),
        },
        ["IsPastDue"] = false,
    };

    private bool IsBelowAMinute(DateTime now)
    {
        var times = schedule.GetNextOccurrences(now, DateTime.MaxValue).Take(ComparedTimes).ToArray();
        return times.Zip(times.Skip(1), (one, next) => next - one).Any(interval => interval < TimeSpan.FromMinutes(1));
    }

    private static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);
}
