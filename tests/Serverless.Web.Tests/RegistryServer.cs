using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Registry.Storage;
using Serverless.Server;
using Serverless.Testing;
using Serverless.Web.Auth;
using Serverless.Web.Settings;

namespace Serverless.Web.Tests;

/// <summary>The whole app on a port of its own, with its storage calls watched, and a client that follows no redirect.</summary>
public sealed class RegistryServer : RegistryClient
{
    // What is captured is everything but the framework's own chatter, which the app leaves out too.
    private static readonly string[] s_capture = ["--Logging:LogCapture:LogLevel:Default=Trace", "--Logging:LogCapture:LogLevel:Microsoft.AspNetCore=Warning"];

    // Tests of what names in requests do not change come by these; an open registry on loopback answers by no others.
    private static readonly string[] s_names = ["registry", "evil.example", "registry.example", "127.0.0.1.example"];

    private readonly WebApplication _app;

    private RegistryServer(WebApplication app, (ITableStore Tables, IObjectStore Objects) stores, StorageProbe probe)
        : base(new Uri(app.Urls.Single()), stores) => (_app, Probe) = (app, probe);

    public StorageProbe Probe { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<RegistryServer> StartAsync((ITableStore Tables, IObjectStore Objects) stores, TimeProvider time, params string[] settings) =>
        StartAsync(stores, time, null, null, settings);

    internal static Task<RegistryServer> StartAsync(
        (ITableStore Tables, IObjectStore Objects) stores, TimeProvider time, IAuthenticator? authenticator, RegistryHost? host, params string[] settings) =>
        StartChangedAsync(stores, time, services => _ = authenticator is null ? services : services.AddSingleton(authenticator), host, settings);

    /// <summary>As the others, with the app's services changed.</summary>
    internal static async Task<RegistryServer> StartChangedAsync(
        (ITableStore Tables, IObjectStore Objects) stores, TimeProvider time, Action<IServiceCollection> configure, RegistryHost? host, params string[] settings)
    {
        var probe = new StorageProbe();
        string[] args = ["--urls=http://127.0.0.1:0", "--Registry:Storage:InMemory=true", "--Logging:LogLevel:Default=Warning", .. s_capture, .. s_names.Select((name, i) => $"--Registry:AllowedHosts:{i}={name}"), .. settings.Select(s => "--Registry:" + s)];
        var (tables, objects) = probe.Watch(stores);
        var app = ServerApp.Create(args, services =>
        {
            services.AddSingleton(time).AddSingleton(new RegistryStores(tables, objects));
            configure(services);
        }, host);
        await app.StartAsync();
        return new RegistryServer(app, stores, probe);
    }

    /// <summary>What the app logs from now on, at every level.</summary>
    public IReadOnlyCollection<string> CaptureLogs()
    {
        var capture = new LogCapture();
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(capture);
        return capture.Lines;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
