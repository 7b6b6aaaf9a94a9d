using Microsoft.Playwright;
using Serverless.Testing;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>Whoever may push writes whatever he likes into annotations, labels and histories. It is shown as what it is: text.</summary>
public sealed class HostileTextTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    private const string Markup = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script><b>bold</b>";
    private const string RightToLeft = "\u202Egnp.exe \u05E9\u05DC\u05D5\u05DD";

    [FactInBrowser]
    public async Task Markup_is_text_wherever_it_stands()
    {
        await StartAsync();
        var config = PushedContent.Config(version: Markup, labels: new Dictionary<string, string> { [Markup] = Markup });
        var image = await Server.Content.ImageAsync("team/app", "v1", config, [10], b => b.Annotations[Markup] = Markup);
        await Server.Content.ArtifactAsync("team/app", null, "application/vnd.example+json", image, b => b.Annotations[Markup] = Markup);
        await Server.Content.ImageAsync("team/app", "v2", layers: [10]);
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1");
        foreach (var section in (string[])["Config", "Labels", "Annotations", "What refers to it"]) await Expect(Section(page, section)).ToContainTextAsync("<img src=x onerror=");
        await AssertIsTextAsync(page);
        await page.GotoAsync($"{Server.Address}#/r/team/app/_compare/v1/v2");
        await Expect(Section(page, "Config and annotations")).ToContainTextAsync("<img src=x onerror=");
        await AssertIsTextAsync(page);
    }

    [FactInBrowser]
    public async Task An_address_that_names_nothing_goes_into_no_request()
    {
        await StartAsync();
        var page = await OpenAsAsync("root");
        // What the page asks by itself has been answered.
        await Expect(page.GetByText("There is no repository that you may see.")).ToBeVisibleAsync();
        await Expect(Link(page, "Accounts")).ToBeVisibleAsync();
        string[] fragments = ["#/r/<script>", "#/r/team/../../accounts", "#/r/team/app/_tags/%3Cimg%20src=x%3E", "#/r/team/app/_manifests/sha256:..%2F..", "#/%ZZ", "#/r//app", "#/accounts/..%2F..%2Ftoken"];
        List<string> asked = [];
        page.Request += (_, request) => asked.Add(request.Url);
        foreach (var fragment in fragments)
        {
            await page.GotoAsync(Server.Address + fragment);
            await Expect(Heading(page, "There is no such page")).ToBeVisibleAsync();
        }

        Assert.DoesNotContain(asked, a => new Uri(a).AbsolutePath.StartsWith("/api/", StringComparison.Ordinal));
        await AssertIsTextAsync(page);
    }

    [FactInBrowser]
    public async Task A_very_long_text_is_cut_and_shown_whole_when_somebody_asks()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [10], change: b => b.Annotations["long"] = new string('x', 10_000));
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1", new() { ViewportSize = new() { Width = 320, Height = 640 } });
        var annotations = Section(page, "Annotations");
        await Button(page, "Show all 10,000 characters").ClickAsync();
        await Expect(annotations).ToContainTextAsync(new string('x', 10_000));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    [FactInBrowser]
    public async Task Text_from_right_to_left_does_not_reach_beyond_itself()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [10], change: b => b.Annotations["title"] = RightToLeft);
        var page = await OpenAsAsync("ann", "#/r/team/app/_tags/v1");
        var text = Section(page, "Annotations").GetByText(RightToLeft);
        Assert.Equal("isolate", await text.EvaluateAsync<string>("e => getComputedStyle(e).unicodeBidi"));
    }

    [Fact]
    public void No_source_of_the_page_writes_markup()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src", "Serverless.Ui", "src"), "*.ts*", SearchOption.AllDirectories).ToList();
        Assert.True(sources.Count > 20, $"{sources.Count} files");
        string[] forbidden = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "style="];
        Assert.All(sources, file => Assert.All(forbidden, word => Assert.DoesNotContain(word, File.ReadAllText(file), StringComparison.OrdinalIgnoreCase)));
    }

    private static async Task AssertIsTextAsync(IPage page)
    {
        Assert.Equal("undefined", await page.EvaluateAsync<string>("typeof window.pwned"));
        Assert.Equal(0, await page.Locator("#page img, #page script, #page b").CountAsync());
    }
}
