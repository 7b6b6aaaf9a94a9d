using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>The page for everybody: in the dark, on phones, by keyboard, with a screen reader, below a prefix.</summary>
public sealed class LookTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    private static readonly ViewportSize s_phone = new() { Width = 320, Height = 640 };

    // Each view, what is there when it has come, and the name of its picture.
    private static readonly (string Fragment, string Text, string Name)[] s_views =
    [
        ("#/", "50 repositories and more", "repositories"),
        ("#/r/team/app", "docker pull", "repository"),
        ("#/r/team/app/_tags/v1", "by zoe", "image"),
        ("#/r/team/app/_tags/index", "by zoe", "index"),
        ("#/r/team/app/_compare/v1/v2", "Environment VERSION", "compare"),
        ("#/r/team/app/_deleted", "Restore", "deleted"),
        ("#/usage", "may hold 64.0 MiB", "usage"),
        ("#/quotas", "refused above 64.0 MiB", "quotas"),
        ("#/accounts", "ann", "accounts"),
        ("#/accounts/bob", "Lock it out", "account"),
        ("#/scope-maps", "team/*:pull", "scope-maps"),
        ("#/audit", "Nothing was changed yet.", "audit"),
        ("#/nothing", "All repositories", "nothing"),
    ];

    // A folder to take pictures into; null takes none. The pictures in docs are these.
    private static readonly string? s_pictures = Environment.GetEnvironmentVariable("PAGE_PICTURES");

    [TheoryInBrowser]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, false)]
    [InlineData(ColorScheme.Light, true)]
    public async Task No_view_has_anything_that_axe_complains_of_or_that_does_not_fit(ColorScheme scheme, bool isPhone)
    {
        await StartFilledAsync();
        var options = new BrowserNewContextOptions { ColorScheme = scheme, BypassCSP = true };
        if (isPhone) options.ViewportSize = s_phone;
        var page = await OpenPageAsync("", options);
        await AssertFitsAllAsync(page, "the form that signs in");
        await SignInAsync(page, "root");
        await Expect(Link(page, "Accounts")).ToBeVisibleAsync();
        // It is gone by itself, and would be in every picture.
        if (s_pictures is not null) await Expect(page.GetByText("Signed in as root.")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        foreach (var (fragment, text, name) in s_views)
        {
            await page.GotoAsync(Server.Address + fragment);
            await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync(text);
            await Expect(page.GetByText("Loading")).ToHaveCountAsync(0);
            await AssertFitsAllAsync(page, fragment);
            if (s_pictures is not null) await page.ScreenshotAsync(new() { Path = Path.Combine(s_pictures, $"{name}-{scheme}{(isPhone ? "-phone" : "")}.png".ToLowerInvariant()) });
        }

        await page.GotoAsync(Server.Address + "#/r/team/app");
        await Button(page, "Delete v1").ClickAsync();
        await AssertFitsAllAsync(page, "a dialog");
    }

    [FactInBrowser]
    public async Task In_the_dark_it_is_dark()
    {
        await StartFilledAsync();
        var light = await OpenPageAsync("", new() { ColorScheme = ColorScheme.Light });
        var dark = await OpenPageAsync("", new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal("rgb(255, 255, 255)", await BackgroundAsync(light));
        Assert.Equal("rgb(13, 17, 23)", await BackgroundAsync(dark));

        static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [FactInBrowser]
    public async Task The_keyboard_suffices()
    {
        await StartFilledAsync();
        var page = await OpenPageAsync();
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
        // The first stop leads past what is on each view.
        await page.Keyboard.PressAsync("Tab");
        await Expect(Button(page, "Skip to the content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Main)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Search")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("ann");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(PageServer.Password);
        await page.Keyboard.PressAsync("Enter");

        await Expect(Link(page, "team/app")).ToBeVisibleAsync();
        await Link(page, "team/app").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(Heading(page, "team/app")).ToBeFocusedAsync();
        Assert.StartsWith("team/app", await page.TitleAsync(), StringComparison.Ordinal);

        await Button(page, "Delete v1").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(Button(page, "Delete v1")).ToBeFocusedAsync();
    }

    [FactInBrowser]
    public async Task It_works_below_a_prefix()
    {
        await StartFilledAsync("Prefix=/registry");
        Assert.EndsWith("/registry/ui/", Server.Address.AbsolutePath, StringComparison.Ordinal);
        var page = await OpenAsAsync("ann");
        await Link(page, "team/app").ClickAsync();
        await Expect(page.GetByText("docker pull").First).ToBeVisibleAsync();
        await page.GotoAsync(Server.Address.AbsoluteUri.TrimEnd('/'));
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
        Assert.Equal(Server.Address.AbsoluteUri, page.Url.Split('#')[0]);
    }
}
