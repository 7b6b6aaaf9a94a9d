using System.Net;
using Serverless.Testing;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary><c>--run-task</c>.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class TaskRunTests(AzuriteServer azurite)
{
    [Theory]
    [InlineData("CollectGarbage", "CollectGarbage: repositories reviewed: 0")]
    [InlineData("verify", "Verify: findings: 0")]
    [InlineData("PurgeTokens", "PurgeTokens: refresh tokens purged: 0")]
    [InlineData("ImportImages", "ImportImages: imports that had not ended: 0; that ended long ago and were dropped: 0")]
    [InlineData("DeliverEvents", "DeliverEvents: places looked at: 0;")]
    [InlineData("ApplyRetention", "ApplyRetention: tags deleted: 0 of 0")]
    [InlineData("Maintenance", "PurgeTokens: refresh tokens purged: 0")]
    public async Task A_task_is_done_once_and_nobody_is_listened_to(string name, string expected)
    {
        // Somebody else's port is no trouble: nothing listens.
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var prefix = $"task{Guid.NewGuid():N}"[..20];
        await using var run = RegistryProcess.Start(
            ["--run-task", name, "--urls", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}"],
            ("Registry__Storage__ConnectionString", azurite.ConnectionString), ("Registry__Storage__TablePrefix", prefix), ("Registry__Storage__Container", prefix));
        Assert.Equal(0, await run.WaitForExitAsync());
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_fails_is_told_by_the_exit_code()
    {
        var port = RegistryProcess.FreePort();
        await using var run = RegistryProcess.Start(
            ["--run-task", "PurgeTokens"],
            ("Registry__Storage__ConnectionString", Serverless.AzureStorage.Development.AzuriteProcess.ConnectionString(port, port)));
        Assert.Equal(1, await run.WaitForExitAsync());
        Assert.Contains("PurgeTokens", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_no_task_has_is_refused_with_those_that_there_are()
    {
        var e = await Assert.ThrowsAsync<SettingsException>(() => TaskRun.RunAsync("Sweep", []));
        Assert.Equal("--run-task is 'Sweep', but must be one of CollectGarbage, DeliverEvents, PurgeTokens, ApplyRetention, Verify, ImportImages, Maintenance.", Assert.Single(e.Problems));
    }
}
