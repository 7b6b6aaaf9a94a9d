using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>A test of the page in a browser. Whatever the browser complains of fails it.</summary>
[Collection(ChromiumCollection.Name)]
public abstract class PageTest(Chromium chromium) : IAsyncLifetime
{
    // What the browser itself says of answers such as 401, which belong to signing in.
    private const string OfAnswers = "Failed to load resource";

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
    }

    /// <summary>A registry with accounts, and the page as it is before anybody has signed in.</summary>
    private protected async Task<IPage> OpenAsync(string fragment = "", BrowserNewContextOptions? options = null, params string[] settings)
    {
        _server ??= await PageServer.StartAsync(settings);
        return await OpenPageAsync(fragment, options);
    }

    /// <summary>A registry of other settings.</summary>
    private protected async Task<PageServer> StartAsync(Func<Task<PageServer>> start) => _server = await start();

    private protected async Task<IPage> OpenPageAsync(string fragment = "", BrowserNewContextOptions? options = null)
    {
        var context = await (await chromium.GetAsync()).NewContextAsync(options ?? new());
        _contexts.Add(context);
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
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
}
