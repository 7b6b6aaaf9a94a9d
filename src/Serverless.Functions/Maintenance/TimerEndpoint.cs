using System.Text.Json;
using Serverless.Functions.Http;

namespace Serverless.Functions.Maintenance;

/// <summary>
/// <c>POST /NAME</c>: how the Functions host calls a timer function of a custom handler. Only the host may: it comes over loopback and without the headers that it
/// puts on everything that it passes on from outside.
/// </summary>
/// <param name="tasks">The tasks by name.</param>
/// <param name="timeLimit">How long a task may run; the rest comes with the next run.</param>
/// <param name="logger">The log.</param>
/// <param name="stopping">Cancelled when the process is told to end: a task stops between two steps, and what it has not done comes with its next run.</param>
internal sealed partial class TimerEndpoint(IReadOnlyDictionary<string, MaintenanceTask> tasks, TimeSpan timeLimit, ILogger<TimerEndpoint> logger, CancellationToken stopping)
{
    /// <summary>The task that a request is for; null when it is for none, or not from the host.</summary>
    public MaintenanceTask? Find(HttpContext http) =>
        http.IsLocal && HttpMethods.IsPost(http.Request.Method) && http.Request.Path.Value is { } path ? tasks.GetValueOrDefault(path[1..]) : null;

    /// <summary>Runs the task and answers as the host expects: always with a body, and with an error status when the run failed.</summary>
    public async Task AnswerAsync(HttpContext http, MaintenanceTask task)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        timeout.CancelAfter(timeLimit);
        string log;
        try
        {
            log = await task.RunAsync(timeout.Token);
            LogDone(task.Name, log);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            log = stopping.IsCancellationRequested ? "stopped, because the process ends; the rest comes with the next run" : "out of time; the rest comes with the next run";
            LogDone(task.Name, log);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested)
        {
            LogFailed(e, task.Name);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            log = "failed: " + e.GetType().Name;
        }

        await WriteAsync(http.Response, log);
    }

    private static async Task WriteAsync(HttpResponse response, string log)
    {
        response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WriteStartObject("Outputs");
        json.WriteEndObject();
        json.WriteStartArray("Logs");
        json.WriteStringValue(log);
        json.WriteEndArray();
        json.WriteNull("ReturnValue");
        json.WriteEndObject();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Task}: {Log}")]
    private partial void LogDone(string task, string log);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Task} failed")]
    private partial void LogFailed(Exception exception, string task);
}
