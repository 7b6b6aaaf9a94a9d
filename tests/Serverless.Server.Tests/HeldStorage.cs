using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Server.Tests;

/// <summary>A Table service that passes everything on to another, but for a request that it is told to hold: to that it never answers.</summary>
internal sealed class HeldStorage : IAsyncDisposable
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _client = new();
    private readonly WebApplication _app;
    private readonly string _target;

    private HeldStorage(WebApplication app, string target) => (_app, _target) = (app, target);

    /// <summary>Which request to hold, by what its address holds.</summary>
    public string? Hold { get; set; }

    /// <summary>Ends when a request is held.</summary>
    public Task Held => _held.Task;

    /// <summary>The connection string, with this in the place of the Table service.</summary>
    public string ConnectionString { get; private init; } = "";

    public static async Task<HeldStorage> StartAsync(string connectionString)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var target = new Uri(connectionString.Split(';').Single(p => p.StartsWith("TableEndpoint=", StringComparison.Ordinal)).Split('=', 2)[1]).GetLeftPart(UriPartial.Authority);
        HeldStorage? storage = null;
        app.Run(http => storage!.AnswerAsync(http));
        await app.StartAsync();
        var table = connectionString.IndexOf("TableEndpoint=", StringComparison.Ordinal);
        storage = new HeldStorage(app, target) { ConnectionString = connectionString[..table] + connectionString[table..].Replace(target, app.Urls.Single(), StringComparison.Ordinal) };
        return storage;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (Hold is { } hold && Uri.UnescapeDataString(target).Contains(hold, StringComparison.Ordinal))
        {
            _held.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }

        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), _target + target) { Content = new StreamContent(http.Request.Body) };
        foreach (var (name, value) in http.Request.Headers.Where(h => h.Key is not ("Host" or "Connection" or "Transfer-Encoding")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, [.. value])) request.Content.Headers.TryAddWithoutValidation(name, [.. value]);
        }

        using var answer = await _client.SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, value) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection"))) http.Response.Headers[name] = value.ToArray();
        var body = await answer.Content.ReadAsByteArrayAsync(http.RequestAborted);
        if (http.Response.StatusCode != StatusCodes.Status204NoContent) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
