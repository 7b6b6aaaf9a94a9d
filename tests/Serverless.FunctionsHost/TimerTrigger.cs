using System.Globalization;
using System.Text.Json.Nodes;
using NCrontab;

namespace Serverless.FunctionsHost;

/// <summary>A timer function: its schedule, and what the host remembers of it.</summary>
internal sealed class TimerTrigger(FunctionFile.Timer function, CrontabSchedule schedule) : IDisposable
{
    // The host runs a timer once at a time, over all instances.
    private readonly SemaphoreSlim _turn = new(1);
    private DateTime? _last;

    public string Name => function.Name;

    /// <summary>The next time of the schedule, UTC.</summary>
    public DateTime Next(DateTime after) => schedule.GetNextOccurrence(after);

    /// <summary>Waits for the turn of the function and runs it with the payload that the host sends.</summary>
    public async Task<InvocationResult> RunAsync(Func<JsonObject, Task<InvocationResult>> invokeAsync, DateTime now)
    {
        await _turn.WaitAsync();
        try
        {
            var result = await invokeAsync(Payload(now));
            _last = now;
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private JsonObject Payload(DateTime now) => new()
    {
        ["Data"] = new JsonObject
        {
            [function.Binding] = new JsonObject
            {
                ["Schedule"] = new JsonObject { ["AdjustForDST"] = true },
                // Null until there has been a run.
                ["ScheduleStatus"] = _last is not { } last ? null : new JsonObject { ["Last"] = Text(last), ["Next"] = Text(Next(now)), ["LastUpdated"] = Text(last) },
                ["IsPastDue"] = false,
            },
        },
        ["Metadata"] = new JsonObject
        {
            ["sys"] = new JsonObject { ["MethodName"] = function.Name, ["UtcNow"] = Text(now), ["RandGuid"] = Guid.NewGuid().ToString() },
        },
    };

    private static string Text(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);
}
