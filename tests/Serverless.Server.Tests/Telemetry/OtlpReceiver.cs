using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Serverless.Server.Tests.Telemetry;

/// <summary>Takes what is sent by OTLP over HTTP and keeps it as it is: texts stand in it as they are, and ids as their bytes.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _received = new();
    private readonly ConcurrentQueue<(string Path, string Header)> _headers = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Everything that was sent to a path, a character for each byte.</summary>
    public string Received(string path) => _received.GetValueOrDefault(path, "");

    /// <summary>The path and the name of every header that came.</summary>
    public IReadOnlyCollection<(string Path, string Header)> Headers => _headers;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        foreach (var header in http.Request.Headers.Keys) _headers.Enqueue((http.Request.Path.Value!, header.ToLowerInvariant()));
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var text = Encoding.Latin1.GetString(body.ToArray());
        _received.AddOrUpdate(http.Request.Path.Value!, text, (_, before) => before + text);
        http.Response.ContentType = "application/x-protobuf";
    }
}
