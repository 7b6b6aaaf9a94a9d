using Microsoft.Playwright;
using Xunit;

namespace Serverless.Ui.Tests;

/// <summary>One browser for all tests, in which each has a context of its own, which shares nothing with the others; and one Azurite for all servers.</summary>
[CollectionDefinition(Name)]
public sealed class ChromiumCollection : ICollectionFixture<Chromium>, ICollectionFixture<PublishedServers>
{
    public const string Name = "Chromium";

    /// <summary>The browser of the system: Playwright would download its own.</summary>
    public static string Executable => Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";
}

/// <summary>The browser. It is started by the first test that is not skipped.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task<IBrowser> GetAsync()
    {
        _playwright ??= await Playwright.CreateAsync();
        return _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = ChromiumCollection.Executable, Args = ["--disable-gpu", "--disable-dev-shm-usage"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
