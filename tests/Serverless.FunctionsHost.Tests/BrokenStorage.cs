using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Serverless.AzureStorage;
using Serverless.AzureStorage.Development;

namespace Serverless.FunctionsHost.Tests;

/// <summary>A storage account that refuses everything, or that never answers.</summary>
internal sealed class BrokenStorage : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BrokenStorage(WebApplication app) => _app = app;

    public AzureStorageOptions Options
    {
        get
        {
            var port = new Uri(_app.Urls.Single()).Port;
            return new AzureStorageOptions { ConnectionString = AzuriteProcess.ConnectionString(port, port), ContainerName = "broken", TablePrefix = "broken" };
        }
    }

    /// <param name="answers">Whether it refuses; otherwise it keeps whoever asks waiting.</param>
    public static async Task<BrokenStorage> StartAsync(bool answers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            if (!answers) await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            http.Response.StatusCode = (int)HttpStatusCode.Forbidden;
        });
        await app.StartAsync();
        return new BrokenStorage(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
