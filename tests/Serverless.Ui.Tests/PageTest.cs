using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;
using Serverless.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>A test of the page in a browser, on the published server over Azurite. Whatever the browser complains of fails it, and so does a failure that the server logs.</summary>
[Collection(ChromiumCollection.Name)]
public abstract class PageTest(Chromium chromium, PublishedServers servers) : IAsyncLifetime
{
    // What the browser itself says of answers such as 401, which belong to signing in.
    private const string OfAnswers = "Failed to load resource";

    private static readonly string s_axe = Path.Combine(SourceTree.Root, "src", "Serverless.Ui", "node_modules", "axe-core", "axe.min.js");

    private readonly ConcurrentQueue<string> _complaints = [];
    private readonly List<IBrowserContext> _contexts = [];
    private PageServer? _server;

    private protected PageServer Server => _server ?? throw new InvalidOperationException("The server has not started.");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var context in _contexts) await context.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
        Assert.Empty(_complaints);
        Assert.Empty(_server?.Failures ?? []);
    }

    /// <summary>An empty registry with accounts.</summary>
    private protected async Task StartAsync(params string[] settings) => _server = await servers.StartAsync(settings);

    /// <summary>An empty registry of these settings alone.</summary>
    private protected async Task StartOpenAsync(params string[] settings) => _server = await servers.StartOpenAsync(settings);

    /// <summary>The registry of 500 repositories, with accounts. Whatever a test changes there it changes back.</summary>
    private protected async Task StartFilledAsync(params string[] settings) => _server = await servers.StartFilledAsync(settings);

    private protected async Task<IPage> OpenPageAsync(string fragment = "", BrowserNewContextOptions? options = null, string? script = null)
    {
        var context = await (await chromium.GetAsync()).NewContextAsync(options ?? new());
        _contexts.Add(context);
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        if (script is not null) await page.AddInitScriptAsync(script);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.StartsWith(OfAnswers, StringComparison.Ordinal)) _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Dialog += (_, dialog) => _complaints.Enqueue($"The browser asks: {dialog.Message}");
        await page.GotoAsync(Server.Address + fragment);
        return page;
    }

    /// <summary>Signs in where the page asks for it.</summary>
    private protected static async Task SignInAsync(IPage page, string name, string password = PageServer.Password)
    {
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Opens the page, signed in.</summary>
    private protected async Task<IPage> OpenAsAsync(string name, string fragment = "", BrowserNewContextOptions? options = null)
    {
        var page = await OpenPageAsync(fragment, options);
        await SignInAsync(page, name);
        await Expect(page.GetByRole(AriaRole.Banner).GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
        return page;
    }

    private protected static ILocator Heading(IPage page, string name, int level = 1) => page.GetByRole(AriaRole.Heading, new() { Name = name, Level = level, Exact = true });

    private protected static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private protected static ILocator Link(IPage page, string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    private protected static ILocator Section(IPage page, string title) => page.GetByRole(AriaRole.Region, new() { Name = title, Exact = true });

    /// <summary>Fails where axe complains of the page, or where it is wider than the window. The page's policy keeps axe out: the context must have been told to pass it by.</summary>
    private protected static async Task AssertFitsAllAsync(IPage page, string what)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window")) await page.AddScriptTagAsync(new() { Path = s_axe });
        var violations = await page.EvaluateAsync<JsonElement>("axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`))");
        Assert.True(violations.GetArrayLength() == 0, $"{what}: {violations}");
        var width = await page.EvaluateAsync<int[]>("[document.documentElement.scrollWidth, innerWidth]");
        Assert.True(width[0] <= width[1], $"{what}: {width[0]} pixels in a window of {width[1]}");
    }
}
