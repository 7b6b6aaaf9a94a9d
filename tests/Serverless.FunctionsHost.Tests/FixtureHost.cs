using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The small worker in the emulated host, and a client of it.</summary>
internal sealed class FixtureHost : IAsyncDisposable
{
    // No timer of its own accord: tests call them when they need them.
    private const string Never = "0 0 0 1 1 *";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _output;

    private FixtureHost(EmulatedHost host, ConcurrentQueue<string> output)
    {
        (Host, _output) = (host, output);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = host.Url, Timeout = s_patience };
    }

    public EmulatedHost Host { get; }

    public HttpClient Client { get; }

    /// <summary>What the worker has printed and logged.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>What happened only by chance and shall be the test's own matter; otherwise nothing of that kind may happen.</summary>
    public bool ExpectsProblems { get; init; }

    public static Task<FixtureHost> StartAsync(PublishedFixture fixture, params (string Name, string Value)[] settings) => StartAsync(fixture.Folder, settings);

    /// <param name="folder">A published folder.</param>
    /// <param name="settings">App settings beside the timers' schedules and those that disable the queues.</param>
    /// <param name="change">Changes what the host is told.</param>
    /// <param name="timeProvider">The host's clock.</param>
    /// <param name="expectsProblems">Whether <see cref="EmulatedHost.Problems"/> may hold something in the end.</param>
    public static async Task<FixtureHost> StartAsync(
        string folder, (string Name, string Value)[] settings, Func<FunctionsHostOptions, FunctionsHostOptions>? change = null, TimeProvider? timeProvider = null, bool expectsProblems = false)
    {
        var output = new ConcurrentQueue<string>();
        var all = ((string[])["Succeed", "Throw", "Linger"]).ToDictionary(timer => $"{timer}Schedule", _ => Never);
        // Nor any queue: those need storage.
        foreach (var queue in (string[])["Take", "Reject", "Wait"]) all[$"AzureWebJobs.{queue}.Disabled"] = "true";
        foreach (var (name, value) in settings) all[name] = value;
        var options = new FunctionsHostOptions { AppRoot = folder, AppSettings = all, WorkerOutput = output.Enqueue };
        return new FixtureHost(await EmulatedHost.StartAsync(change?.Invoke(options) ?? options, timeProvider), output) { ExpectsProblems = expectsProblems };
    }

    /// <summary>Sends a request whose target is not changed on the way out.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string target, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var address = new Uri(Host.Url.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = content };
        foreach (var (name, value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await Client.SendAsync(request);
    }

    /// <summary>What the worker saw of a request.</summary>
    public async Task<JsonElement> EchoAsync(string method, string target, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var answer = await SendAsync(method, target, content, headers);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.Clone();
    }

    /// <summary>Waits until the worker has printed that.</summary>
    public async Task WaitForAsync(string text)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < s_patience, $"'{text}' does not come after: {Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>Kills the worker that runs now.</summary>
    public async Task KillAsync()
    {
        using var worker = Process.GetProcessById(Host.WorkerId);
        worker.Kill();
        await worker.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
        if (!ExpectsProblems) Assert.Empty(Host.Problems);
    }
}
