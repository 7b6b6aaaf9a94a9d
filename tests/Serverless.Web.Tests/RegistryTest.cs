using System.Net;
using System.Text.Json;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests;

/// <summary>A test of the whole app over HTTP. Each runs on every kind of storage, each on stores of its own.</summary>
public abstract class RegistryTest(IStorageKind storage) : IAsyncLifetime
{
    private RegistryServer? _registry;

    protected RegistryServer Registry => _registry!;

    /// <summary>The app's clock. Storage has its own, except in memory.</summary>
    protected ManualTimeProvider Time { get; } = new(startNow: true);

    /// <summary>Settings below <c>Registry:</c>, as <c>Key=value</c>.</summary>
    protected virtual string[] Settings => [];

    public async Task InitializeAsync() => _registry = await RegistryServer.StartAsync(storage.NewStores(Time), Time, Settings);

    public async Task DisposeAsync() => await Registry.DisposeAsync();

    /// <summary>Another instance of the app on the same storage.</summary>
    protected Task<RegistryServer> StartAnotherAsync(params string[] settings) => RegistryServer.StartAsync(Registry.Stores, Time, [.. Settings, .. settings]);

    protected static async Task<HttpResponseMessage> ExpectAsync(Task<HttpResponseMessage> answer, HttpStatusCode status, string? code = null)
    {
        var response = await answer;
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"Expected {status}, got {response.StatusCode}: {body}");
        if (code is not null)
        {
            using var json = JsonDocument.Parse(body);
            Assert.Equal(code, json.RootElement.GetProperty("errors")[0].GetProperty("code").GetString());
            Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        }

        return response;
    }

    protected static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";

    /// <summary>Everything that is stored and may be seen by a client, to compare before and after a refused request.</summary>
    protected async Task<IReadOnlyList<string>> SnapshotAsync() => [.. (await StoreAudit.ReadAsync(Registry.Stores)).AssertSound().Rows];
}
