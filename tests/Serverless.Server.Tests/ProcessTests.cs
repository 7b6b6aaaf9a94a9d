using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>How the executable starts and ends.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ProcessTests(AzuriteServer azurite)
{
    private readonly int _port = RegistryProcess.FreePort();

    [Fact]
    public async Task It_listens_where_it_is_told_and_keeps_what_it_holds_over_a_restart()
    {
        string? location = null;
        for (var run = 0; run < 2; run++)
        {
            await using var registry = RegistryProcess.Start(["--urls", $"http://127.0.0.1:{_port}"], ("Registry__Storage__ConnectionString", azurite.ConnectionString));
            using var client = NewClient();
            await registry.WaitUntilReadyAsync(client);
            location ??= await AssertPushAsync(client);
            using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, location));
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Equal(0, await registry.TerminateAsync());
        }
    }

    [Fact]
    public async Task It_does_the_tasks_that_are_due()
    {
        await using var registry = RegistryProcess.Start(
            ["--urls", $"http://127.0.0.1:{_port}"],
            ("Registry__Storage__InMemory", "true"), ("Registry__Timers__CollectGarbage__Interval", "00:00:00.2"), ("Registry__Timers__PurgeTokens__Enabled", "false"));
        using var client = NewClient();
        await registry.WaitUntilReadyAsync(client);
        for (var attempt = 0; attempt < 100 && !registry.Output.Contains("CollectGarbage: ", StringComparison.Ordinal); attempt++) await Task.Delay(100);
        Assert.Equal(0, await registry.TerminateAsync());
        Assert.Contains("CollectGarbage: repositories reviewed: 0", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PurgeTokens", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_it_does_not_know_is_warned_of()
    {
        await using var registry = RegistryProcess.Start(["--urls", $"http://127.0.0.1:{_port}"], ("Registry__Storage__InMemory", "true"), ("Registry__Redirekt__Enabled", "true"));
        using var client = NewClient();
        await registry.WaitUntilReadyAsync(client);
        await registry.TerminateAsync();
        Assert.Contains("Registry:Redirekt:Enabled is unknown", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Overriding address", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_bad_settings_it_names_each_and_does_not_start()
    {
        await using var registry = RegistryProcess.Start([], ("Registry__Redirect__Enabled", "perhaps"), ("Registry__PublicUrl", "nowhere"));
        Assert.Equal(1, await registry.WaitForExitAsync());
        Assert.Contains("Registry:Redirect:Enabled must be true or false.", registry.Output, StringComparison.Ordinal);
        Assert.Contains("Registry:PublicUrl must be an absolute http or https URL", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_https_address_without_a_certificate_is_said_in_one_line()
    {
        await using var registry = RegistryProcess.Start(["--urls", $"https://127.0.0.1:{_port}"], ("Registry__Storage__InMemory", "true"));
        Assert.Equal(1, await registry.WaitForExitAsync());
        var lines = registry.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("Registry:Http:Tls:Certificate and Http:Tls:Key must name PEM files", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.1:5000")]
    [InlineData("http://unix:/nowhere/registry.sock")]
    public async Task An_address_that_is_not_this_machine_s_is_said_in_one_line(string url)
    {
        await using var registry = RegistryProcess.Start(["--urls", url], ("Registry__Storage__InMemory", "true"));
        Assert.Equal(1, await registry.WaitForExitAsync());
        Assert.Contains("It cannot listen where urls or Registry:Http:Addresses say", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Storage_that_does_not_answer_a_task_does_not_end_the_process()
    {
        var nobody = RegistryProcess.FreePort();
        await using var registry = RegistryProcess.Start(
            ["--urls", $"http://127.0.0.1:{_port}"],
            ("Registry__Storage__ConnectionString", Serverless.AzureStorage.Development.AzuriteProcess.ConnectionString(nobody, nobody)), ("Registry__Timers__CollectGarbage__Interval", "00:00:00.2"));
        using var client = NewClient();
        await registry.WaitUntilReadyAsync(client);
        for (var attempt = 0; attempt < 600 && !registry.Output.Contains("fail:", StringComparison.Ordinal); attempt++) await Task.Delay(100);
        Assert.Contains("fail:", registry.Output, StringComparison.Ordinal);
        Assert.Equal("{}", (await client.GetStringAsync(new Uri("/v2/", UriKind.Relative))).Trim());
        Assert.Equal(0, await registry.TerminateAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_line()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, _port);
        taken.Start();
        await using var registry = RegistryProcess.Start(["--urls", $"http://127.0.0.1:{_port}"], ("Registry__Storage__InMemory", "true"));
        Assert.Equal(1, await registry.WaitForExitAsync());
        Assert.Contains("address already in use", registry.Output, StringComparison.OrdinalIgnoreCase);
    }

    private HttpClient NewClient() => new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };

    private static async Task<string> AssertPushAsync(HttpClient client)
    {
        var content = RegistryClient.RandomBytes(100);
        using var body = new ByteArrayContent(content);
        using var answer = await client.PostAsync(new Uri($"/v2/app/blobs/uploads/?digest={RegistryClient.DigestOf(content)}", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return answer.Headers.Location!.OriginalString;
    }
}
