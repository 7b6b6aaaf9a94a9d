using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Serverless.AzureStorage.Development;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage.Tests;

/// <summary>A storage account that answers as a test says.</summary>
internal sealed class ScriptedStorage : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;

    /// <param name="answer">Answers a request; the number is that of the request, from 1.</param>
    private ScriptedStorage(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(http => answer(http, Interlocked.Increment(ref _calls)));
    }

    /// <summary>The requests so far.</summary>
    public int Calls => _calls;

    public static async Task<ScriptedStorage> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var storage = new ScriptedStorage(answer);
        await storage._app.StartAsync();
        return storage;
    }

    /// <summary>Keeps whoever asks waiting until he goes.</summary>
    public static async Task NeverAnswerAsync(HttpContext http) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public (ITableStore Tables, IObjectStore Objects) Open(CallLimits limits)
    {
        var port = new Uri(_app.Urls.Single()).Port;
        var options = new AzureStorageOptions { ConnectionString = AzuriteProcess.ConnectionString(port, port), ContainerName = "scripted", TablePrefix = "scripted" };
        return AzureStores.Create(options, TimeProvider.System, limits);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
