using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Copying;
using Serverless.Testing;
using Serverless.Web.Remotes;
using Serverless.Web.Settings;
using Serverless.Web.Tests.Outbound;

namespace Serverless.Web.Tests.Remotes;

/// <summary>A server that answers as a test wants, under every name that the test gives it. It keeps account of who was asked for what, and with what.</summary>
internal sealed class ScriptedRegistry : IAsyncDisposable
{
    public const string Host = "registry.test";

    private readonly WebApplication _server;
    private readonly ConcurrentQueue<string> _asked = new();

    private ScriptedRegistry(WebApplication server) => _server = server;

    /// <summary>Answers every request.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = http => Status(http, 404);

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_server.Urls.Single());

    public ManualTimeProvider Time { get; } = new(startNow: true);

    /// <summary>What was asked for, as <c>host/path?query [Authorization]</c>.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    /// <summary>Forgets what was asked for.</summary>
    public void Forget() => _asked.Clear();

    public static async Task<ScriptedRegistry> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var registry = new ScriptedRegistry(builder.Build());
        registry._server.Run(registry.AnswerAsync);
        await registry._server.StartAsync();
        return registry;
    }

    /// <summary>A client of <see cref="Host"/>, which is asked over http, as other.test and auth.test may be.</summary>
    public RemoteRegistry Open(RemoteCredentials? credentials = null, TimeSpan? timeout = null, CopyPatience? patience = null, params string[] trustedRealms)
    {
        string[] names = [Host, "other.test", "auth.test", "a.registry.test"];
        var network = new FakeNetwork(_server.Urls.Single());
        foreach (var name in names) network.Name(name, "93.184.216.34");
        var options = new RemoteOptions { Address = $"http://{Host}", Credentials = credentials, TrustedRealms = trustedRealms, Timeout = timeout ?? TimeSpan.FromSeconds(20), Patience = patience ?? CopyPatience.None };
        return new RemoteRegistry(options, new OutboundSettings(names.ToHashSet()), network.Network, Time);
    }

    public static Task Status(HttpContext http, int status, string body = "", string? type = null, params (string Name, string Value)[] headers)
    {
        http.Response.StatusCode = status;
        if (type is not null) http.Response.ContentType = type;
        foreach (var (name, value) in headers) http.Response.Headers.Append(name, value);
        return http.Response.WriteAsync(body);
    }

    public static Task Challenge(HttpContext http, string challenge) => Status(http, 401, headers: ("WWW-Authenticate", challenge));

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var request = http.Request;
        var authorization = request.Headers.Authorization.ToString();
        _asked.Enqueue($"{request.Host}{request.Path}{request.QueryString}" + (authorization.Length > 0 ? $" [{authorization}]" : ""));
        await Answer(http);
    }
}
