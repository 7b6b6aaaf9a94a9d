using System.Net;
using Serverless.AzureStorage;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>How tasks end that are in the middle of a call to storage when the process is told to end.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class DrainedTimerTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(15);

    private readonly AzuriteServer _azurite;
    private readonly int _port = RegistryProcess.FreePort();
    private readonly HttpClient _client = new();

    public DrainedTimerTests(AzuriteServer azurite) => (_azurite, _client.BaseAddress) = (azurite, new Uri($"http://127.0.0.1:{_port}"));

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_timer_of_its_own_is_stopped_and_its_work_is_left_for_the_next_run()
    {
        await using var storage = await HeldStorage.StartAsync(_azurite.ConnectionString);
        var prefix = $"drain{Guid.NewGuid():N}"[..20];
        storage.Hold = "PartitionKey ge 'repositories:'";
        await using var registry = RegistryProcess.Start(
            ["--urls", $"http://127.0.0.1:{_port}"],
            ("Registry__Storage__ConnectionString", storage.ConnectionString), ("Registry__Storage__TablePrefix", prefix), ("Registry__Timers__CollectGarbage__Interval", "00:00:00.5"),
            ("Registry__Timers__PurgeTokens__Enabled", "false"));
        await registry.WaitUntilReadyAsync(_client);
        await PushAsync();
        await storage.Held.WaitAsync(s_soon);
        await registry.SignalAsync();
        Assert.Equal(0, await registry.WaitForExitAsync().WaitAsync(s_soon));
        Assert.Contains("CollectGarbage: stopped before its end", registry.Output, StringComparison.Ordinal);
        await AssertQueuedAsync(prefix);
    }

    private async Task PushAsync()
    {
        var content = RegistryClient.RandomBytes(10);
        using var answer = await _client.PostAsync(new Uri($"/v2/app/blobs/uploads/?digest={RegistryClient.DigestOf(content)}", UriKind.Relative), new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private async Task AssertQueuedAsync(string prefix)
    {
        var (tables, _) = AzureStores.Create(new() { ConnectionString = _azurite.ConnectionString, TablePrefix = prefix }, TimeProvider.System);
        Assert.NotNull(await tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(RepositoryName.Parse("app")), default));
    }
}
