using System.Collections.Concurrent;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Queues;
using Serverless.FunctionsHost.Requests;
using Serverless.FunctionsHost.Timers;
using Serverless.FunctionsHost.Workers;
using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost;

/// <summary>
/// The Azure Functions host, emulated.
/// <code>
/// client -> this -+- HTTP -> worker (the process that worker.config.json names, on loopback)
///                 +- gRPC -> the same: which function the request is for; timers; messages; what it logs; its end
/// queues -> this
/// </code>
/// </summary>
public sealed class EmulatedHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FunctionsHostOptions _options;
    private readonly FunctionIndex _functions;
    private readonly WorkerSupervisor _workers;
    private readonly BodyHolder _bodies = new();
    private readonly RequestProxy _proxy;
    private readonly Invoker _invoker;
    private readonly TimerInvoker _timers;
    private readonly QueueListeners _queues;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private Task _schedules = Task.CompletedTask;

    private EmulatedHost(WebApplication app, FunctionIndex functions, HostFile host, WorkerSupervisor workers, FunctionsHostOptions options, TimeProvider timeProvider)
    {
        (_app, _functions, _workers, _options) = (app, functions, workers, options);
        _proxy = new RequestProxy(app.Services.GetRequiredService<IHttpForwarder>(), _bodies, workers, host, options);
        _invoker = new Invoker(host, workers, timeProvider, app.Services.GetRequiredService<ILogger<EmulatedHost>>());
        _timers = new TimerInvoker(functions, _invoker, timeProvider);
        _queues = new QueueListeners(functions, host.Queues, _invoker, options, _problems);
    }

    /// <summary>Where clients reach the functions.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>Where the worker listens; nobody but the host reaches it on the platform.</summary>
    public Uri WorkerUrl => _workers.Last.HttpUri;

    /// <summary>The worker's process.</summary>
    public int WorkerId => _workers.Last.Process.Id;

    /// <summary>Whether the worker has ended too often, so that the host has stopped.</summary>
    public bool HasGivenUp => _workers.HasGivenUp;

    /// <summary>The names of the timer functions, without those that are disabled.</summary>
    public IEnumerable<string> Timers => _functions.Timers.Keys;

    /// <summary>The names of the queue functions, without those that are disabled.</summary>
    public IEnumerable<string> Queues => _functions.Queues.Keys;

    /// <summary>What went well only by chance: requests that fit more than one function, a worker that had to be killed, a queue that could not be read.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>How many bytes of bodies are held in memory now: those whose length was said. The real host needs about five times as much for them.</summary>
    public long BytesHeld => _bodies.BytesHeld;

    /// <summary>The most that <see cref="BytesHeld"/> has been.</summary>
    public long PeakBytesHeld => _bodies.PeakBytesHeld;

    /// <summary>Indexes the functions, starts the worker and listens.</summary>
    /// <exception cref="HostRefusesException">The app is not one that the host would run.</exception>
    /// <exception cref="TimeoutException">The worker does not answer in time.</exception>
    public static async Task<EmulatedHost> StartAsync(FunctionsHostOptions options, TimeProvider? timeProvider = null)
    {
        var time = timeProvider ?? TimeProvider.System;
        var settings = new AppSettings(options.AppSettings);
        var published = PublishedFolder.Read(options.AppRoot, settings);
        var (functions, limit) = (FunctionIndex.Create(published, settings), options.RequestBodySizeLimit);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = limit;
        });
        builder.Services.AddHttpForwarder();
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = options.StopTimeout);
        var app = builder.Build();
        // The worker is told the address, so somebody must listen there first; requests wait until it is ready, as they do in the real host.
        var ready = new TaskCompletionSource<RequestDelegate>(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Run(async http => await (await ready.Task.WaitAsync(http.RequestAborted))(http));
        try
        {
            await app.StartAsync();
            options = options with { Url = app.Urls.Single() };
            var workers = await WorkerSupervisor.StartAsync(published, options, time, app.Logger);
            var emulation = new EmulatedHost(app, functions, published.Host, workers, options, time);
            var router = new RequestRouter(functions, emulation._proxy, emulation._timers, options, emulation._problems);
            ready.SetResult(http => emulation.HasGivenUp ? RefuseAsync(http) : router.AnswerAsync(http));
            emulation._schedules = emulation._timers.RunSchedulesAsync(emulation._stopping.Token);
            emulation._queues.Start(time, emulation._stopping.Token);
            return emulation;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a timer function now, with the data that its schedule would bring.</summary>
    /// <exception cref="KeyNotFoundException">There is no such timer.</exception>
    public Task<InvocationResult> RunTimerAsync(string name) => _timers.RunAsync(name);

    /// <summary>Takes no more requests and messages, waits for those in flight, cancels timers and messages that take too long, and then has the worker end.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(
            _app.StopAsync(), _invoker.StopAsync(_queues.Listening, _options.InvocationStopTimeout, _options.StopTimeout), _queues.StopAsync(_options.StopTimeout));
        await _workers.StopAsync(_problems);
        await _schedules;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _queues.AbandonAsync();
        await _app.DisposeAsync();
        // Without its worker, an invocation that still runs ends.
        await _workers.DisposeAsync();
        await _schedules;
        _proxy.Dispose();
        _timers.Dispose();
        _queues.Dispose();
        _stopping.Dispose();
    }

    // A host that has given up answers nothing any more.
    private static Task RefuseAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }
}
