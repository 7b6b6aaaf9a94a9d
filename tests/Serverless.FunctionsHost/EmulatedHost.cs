using System.Collections.Concurrent;
using Yarp.ReverseProxy.Forwarder;

namespace Serverless.FunctionsHost;

/// <summary>
/// The Azure Functions host, emulated.
/// <code>
/// client -> this -> worker (the executable that host.json names, on loopback)
///            |
///            +- function.json files: which path is which function's; when which timer runs
/// </code>
/// </summary>
public sealed partial class EmulatedHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FunctionIndex _functions;
    private readonly WorkerSupervisor _worker;
    private readonly RequestProxy _proxy;
    private readonly TimerInvoker _timers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly bool _hasHomepage;
    private Task _schedules = Task.CompletedTask;

    private EmulatedHost(WebApplication app, FunctionIndex functions, HostFile host, WorkerSupervisor worker, FunctionsHostOptions options, TimeProvider timeProvider)
    {
        (_app, _functions, _worker) = (app, functions, worker);
        _logger = app.Services.GetRequiredService<ILogger<EmulatedHost>>();
        _proxy = new RequestProxy(app.Services.GetRequiredService<IHttpForwarder>(), options, host, worker);
        _timers = new TimerInvoker(functions, host, worker, timeProvider, _logger);
        _hasHomepage = !string.Equals(options.AppSettings.GetValueOrDefault("AzureWebJobsDisableHomepage"), "true", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Where clients reach the functions.</summary>
    public Uri Url => new(_app.Urls.Single());

    /// <summary>Where the worker listens; nobody but the host reaches it on the platform.</summary>
    public Uri WorkerUrl => _worker.Address;

    /// <summary>The worker's process.</summary>
    public int WorkerId => _worker.WorkerId;

    /// <summary>Whether the worker has ended too often, so that the host has stopped.</summary>
    public bool HasGivenUp => _worker.HasGivenUp;

    /// <summary>The names of the timer functions.</summary>
    public IEnumerable<string> Timers => _functions.Timers.Keys;

    /// <summary>What went well only by chance: requests that fit more than one function.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Indexes the functions, starts the worker and listens.</summary>
    /// <exception cref="HostRefusesException">The app is not one that the host would run.</exception>
    /// <exception cref="TimeoutException">The worker does not answer in time.</exception>
    public static async Task<EmulatedHost> StartAsync(FunctionsHostOptions options, TimeProvider? timeProvider = null)
    {
        var time = timeProvider ?? TimeProvider.System;
        // The worker is told the address before anybody listens there.
        if (new Uri(options.Url) is { Port: 0 } any) options = options with { Url = new UriBuilder(any) { Port = FreePort.Find() }.Uri.AbsoluteUri };
        var host = HostFile.Read(options.AppRoot, options.AppSettings);
        var (functions, limit) = (FunctionIndex.Read(options, host), options.RequestBodySizeLimit);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseUrls(options.Url).ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = limit;
        });
        builder.Services.AddHttpForwarder();
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = options.StopTimeout);
        var app = builder.Build();
        var worker = await WorkerSupervisor.StartAsync(options, host, time, app.Logger);
        var emulation = new EmulatedHost(app, functions, host, worker, options, time);
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

    /// <summary>Runs a timer function now, with the payload that its schedule would bring.</summary>
    /// <exception cref="KeyNotFoundException">There is no such timer.</exception>
    public Task<InvocationResult> RunTimerAsync(string name) => _timers.RunAsync(name);

    /// <summary>Takes no more requests, waits for those in flight, and ends the worker without a word.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _schedules;
        await _worker.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        await _schedules;
        await _worker.DisposeAsync();
        _proxy.Dispose();
        _timers.Dispose();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
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

        var fits = _functions.Routes.Where(r => r.Matches(http)).ToArray();
        if (fits.Length > 1) _problems.Enqueue($"{http.Request.Method} {http.Request.Path} fits {string.Join(", ", fits.Select(f => f.Function.Name))}");
        LogRequest(http.Request.Method, http.Request.Path, fits.Length > 0 ? fits[0].Function.Name : "no function");
        if (fits.Length > 0) await _proxy.InvokeAsync(http);
        else if (http.Request.Path != "/") http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (_hasHomepage) await http.Response.WriteAsync("<!DOCTYPE html><title>Your Functions app is up and running</title>");
        else http.Response.StatusCode = StatusCodes.Status204NoContent;
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
