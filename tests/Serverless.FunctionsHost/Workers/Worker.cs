using System.Text.Json.Nodes;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Grpc;

namespace Serverless.FunctionsHost.Workers;

/// <summary>A worker that is ready for invocations.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly WorkerChannel _channel;
    private readonly WorkerHandshake _handshake;
    private readonly TaskCompletionSource _handled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Worker(WorkerProcess process, WorkerChannel channel, WorkerHandshake handshake) => (Process, _channel, _handshake) = (process, channel, handshake);

    public WorkerProcess Process { get; }

    /// <summary>Where it takes HTTP requests; nobody but the host reaches it on the platform.</summary>
    public Uri HttpUri => _handshake.HttpUri;

    /// <summary>Is cancelled when the worker does not talk to the host any more.</summary>
    public CancellationToken Gone => _channel.Gone;

    /// <summary>Ends when it is decided what follows on this worker's end.</summary>
    public Task Handled => _handled.Task;

    /// <exception cref="HostRefusesException">It cannot be started, ends before it is ready, or is not one for that app.</exception>
    /// <exception cref="TimeoutException">It is not ready in time.</exception>
    public static async Task<Worker> StartAsync(PublishedFolder app, FunctionsHostOptions options, WorkerEndpoint endpoint)
    {
        var id = Guid.NewGuid().ToString();
        var connected = endpoint.ExpectAsync(id, line => options.WorkerOutput?.Invoke(line));
        var process = WorkerProcess.Start(app, options, id, endpoint.Url);
        try
        {
            var starting = GreetAsync(process, connected, app);
            var first = await Task.WhenAny(starting, process.Exit).WaitAsync(options.InitializationTimeout);
            if (first == starting) return await starting;
            throw new HostRefusesException($"The worker ended before it was ready, with code {process.ExitCode}: {process.LastLines}");
        }
        catch (OperationCanceledException)
        {
            // The stream has ended; what the worker printed before may still be on its way.
            var ended = await process.EndsWithinAsync(options.InitializationTimeout) ? $"with code {process.ExitCode}" : "but lives on";
            var lines = process.LastLines;
            await process.DisposeAsync();
            throw new HostRefusesException($"The worker ended before it was ready, {ended}: {lines}");
        }
        catch (TimeoutException e)
        {
            var lines = process.LastLines;
            await process.DisposeAsync();
            throw new TimeoutException($"The worker was not ready within {options.InitializationTimeout}: {lines}", e);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts an invocation of a function.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="invocationId">A new name for the invocation.</param>
    /// <param name="data">What the trigger brings.</param>
    public Task<InvocationResult> InvokeAsync(string function, string invocationId, InvocationData data)
    {
        var request = data.Describe();
        request["functionId"] = _handshake.FunctionIds[function];
        request["traceContext"] = new JsonObject { ["traceParent"] = $"00-{Guid.NewGuid():N}-{Guid.NewGuid().ToString("N")[..16]}-00" };
        return _channel.InvokeAsync(invocationId, request);
    }

    public void Cancel(string invocationId) => _channel.Cancel(invocationId);

    /// <summary>Tells the worker to end.</summary>
    /// <returns>Whether it has ended by itself within that time.</returns>
    public Task<bool> TerminateAsync(TimeSpan gracePeriod)
    {
        _channel.Terminate(gracePeriod);
        return Process.EndsWithinAsync(gracePeriod);
    }

    /// <summary>Says that it is decided what follows.</summary>
    public void SetHandled() => _handled.TrySetResult();

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static async Task<Worker> GreetAsync(WorkerProcess process, Task<WorkerChannel> connected, PublishedFolder app)
    {
        var channel = await connected;
        return new Worker(process, channel, await WorkerHandshake.RunAsync(channel, app));
    }
}
