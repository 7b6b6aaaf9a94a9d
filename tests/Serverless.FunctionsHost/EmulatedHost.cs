using System.Collections.Concurrent;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Requests;
using Serverless.FunctionsHost.Timers;
using Serverless.FunctionsHost.Workers;
using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost;

/// <summary>
/// The Azure Functions host, emulated.
/// <code>
/// client -> this -+- HTTP -> worker (the process that worker.config.json names, on loopback)
///                 +- gRPC -> the same: which function the request is for; timers; what it logs; its end
/// </code>
/// </summary>
public sealed partial class EmulatedHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FunctionsHostOptions _options;
    private readonly FunctionIndex _functions;
    private readonly WorkerSupervisor _workers;
    private readonly BodyHolder _bodies = new();
    private readonly RequestProxy _proxy;
    private readonly TimerInvoker _timers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly bool _hasHomepage;
    private Task _schedules = Task.CompletedTask;

    private EmulatedHost(WebApplication app, FunctionIndex functions, HostFile host, WorkerSupervisor workers, FunctionsHostOptions options, TimeProvider timeProvider)
    {
        (_app, _functions, _workers, _options) = (app, functions, workers, options);
        _logger = app.Services.GetRequiredService<ILogger<EmulatedHost>>();
        _proxy = new RequestProxy(app.Services.GetRequiredService<IHttpForwarder>(), _bodies, workers, host, options);
        _timers = new TimerInvoker(functions, host, workers, timeProvider, _logger);
        _hasHomepage = !string.Equals(options.AppSettings.GetValueOrDefault("AzureWebJobsDisableHomepage"), "true", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Where clients reach the functions.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>Where the worker listens; nobody but the host reaches it on the platform.</summary>
    public Uri WorkerUrl => _workers.Last.HttpUri;

    /// <summary>The worker's process.</summary>
    public int WorkerId => _workers.Last.Process.Id;

    /// <summary>Whether the worker has ended too often, so that the host has stopped.</summary>
    public bool HasGivenUp => _workers.HasGivenUp;

    /// <summary>The names of the timer functions.</summary>
    public IEnumerable<string> Timers => _functions.Timers.Keys;

    /// <summary>What went well only by chance: requests that fit more than one function, a worker that had to be killed.</summary>
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
        // The worker is told the address before anybody listens there.
        if (new Uri(options.Url) is { Port: 0 } any) options = options with { Url = new UriBuilder(any) { Port = FreePort.Find() }.Uri.AbsoluteUri };
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
        var workers = await WorkerSupervisor.StartAsync(published, options, time, app.Logger);
        var emulation = new EmulatedHost(app, functions, published.Host, workers, options, time);
        try
        {
            app.Run(emulation.AnswerAsync);
            await app.StartAsync();
            emulation._schedules = emulation._timers.RunSchedulesAsync(emulation._stopping.Token);
            return emulation;
        }
        catch
        {
            await emulation.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a timer function now, with the data that its schedule would bring.</summary>
    /// <exception cref="KeyNotFoundException">There is no such timer.</exception>
    public Task<InvocationResult> RunTimerAsync(string name) => _timers.RunAsync(name);

    /// <summary>Takes no more requests, waits for those in flight, cancels timers that take too long, and then has the worker end.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_app.StopAsync(), _timers.StopAsync(_options.TimerStopTimeout, _options.StopTimeout));
        await _workers.StopAsync(_problems);
        await _schedules;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        // Without its worker, an invocation that still runs ends.
        await _workers.DisposeAsync();
        await _schedules;
        _proxy.Dispose();
        _timers.Dispose();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (_options.Peer is { } peer) http.Connection.RemoteIpAddress = peer;
        if (HasGivenUp)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        if (http.Request.Path.StartsWithSegments("/admin", out var command))
        {
            AnswerAdmin(http, command);
            return;
        }

        // The root is the host's own, whatever routes there are.
        if (http.Request.Path == "/") await AnswerRootAsync(http.Response);
        else await AnswerFunctionAsync(http);
    }

    private async Task AnswerFunctionAsync(HttpContext http)
    {
        var fits = _functions.Routes.Select(r => (r.Function, Values: r.Match(http))).Where(r => r.Values is not null).ToArray();
        if (fits.Length > 1) _problems.Enqueue($"{http.Request.Method} {http.Request.Path} fits {string.Join(", ", fits.Select(f => f.Function.Name))}");
        LogRequest(http.Request.Method, http.Request.Path, fits.Length > 0 ? fits[0].Function.Name : "no function");
        if (fits.Length > 0) await _proxy.InvokeAsync(http, fits[0].Function, fits[0].Values!);
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private async Task AnswerRootAsync(HttpResponse response)
    {
        if (_hasHomepage) await response.WriteAsync("<!DOCTYPE html><title>Your Functions app is up and running</title>");
        else response.StatusCode = StatusCodes.Status204NoContent;
    }

    // POST /admin/functions/NAME starts a function that has no HTTP trigger; its result is in the log only.
    private void AnswerAdmin(HttpContext http, PathString command)
    {
        var isTimer = HttpMethods.IsPost(http.Request.Method) && command.StartsWithSegments("/functions", out var name) && _functions.Timers.ContainsKey(name.Value!.TrimStart('/'));
        http.Response.StatusCode = isTimer ? StatusCodes.Status202Accepted : StatusCodes.Status404NotFound;
        if (isTimer) _ = RunTimerAsync(command.Value![(command.Value!.LastIndexOf('/') + 1)..]);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path}: {Function}")]
    private partial void LogRequest(string method, PathString path, string function);
}
