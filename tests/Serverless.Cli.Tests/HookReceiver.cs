using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Serverless.Cli.Tests;

/// <summary>A server on this machine that is sent events.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HookReceiver(WebApplication app) => _app = app;

    /// <summary>Its address, without a slash at the end.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>The status that it answers.</summary>
    public int Status { get; set; } = StatusCodes.Status204NoContent;

    /// <summary>What it was sent last, with its headers before it; null before that.</summary>
    public (IHeaderDictionary Headers, string Target, string Body)? Last { get; private set; }

    public static async Task<HookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var receiver = new HookReceiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        // The server uses its own collection of headers again for the next request.
        var headers = new HeaderDictionary(http.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase));
        Last = (headers, http.Request.Path + http.Request.QueryString.Value, body);
        http.Response.StatusCode = Status;
        if (Status == StatusCodes.Status503ServiceUnavailable) http.Response.Headers.RetryAfter = "30";
    }
}
