using Microsoft.Playwright;
using Serverless.Registry.Oci;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>The list of repositories, and the tags of one.</summary>
public sealed class RepositoryViewTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task Repositories_narrow_while_somebody_types()
    {
        await StartAsync();
        string[] names = ["team/app", "team/tools/app", "team/web"];
        foreach (var name in names) await Server.Content.ImageAsync(name, "v1", layers: [10]);
        var page = await OpenAsAsync("ann");
        var items = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        await Expect(items).ToHaveTextAsync(names);
        await page.GetByLabel("Search").PressSequentiallyAsync("app");
        await Expect(items).ToHaveTextAsync(["team/app", "team/tools/app"]);
        await Expect(page.GetByLabel("Search")).ToBeFocusedAsync();
        Assert.EndsWith("#/?q=app", page.Url, StringComparison.Ordinal);
        await page.GetByLabel("Search").PressSequentiallyAsync("xyz");
        await Expect(page.GetByText("No repository that you may see has this in its name.")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task Of_many_repositories_a_page_is_shown_and_the_rest_when_somebody_asks()
    {
        await StartAsync();
        for (var i = 0; i < 60; i++) await Server.Content.ImageAsync($"team/n{i:00}", "v1", layers: []);
        var page = await OpenAsAsync("ann");
        var items = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        await Expect(items).ToHaveCountAsync(50);
        await Button(page, "Show more").ClickAsync();
        await Expect(items).ToHaveCountAsync(60);
        await Expect(Button(page, "Show more")).ToHaveCountAsync(0);
    }

    [FactInBrowser]
    public async Task Tags_are_shown_with_what_they_are_and_how_they_are_pulled()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/all", "image", layers: [2048]);
        await Server.Content.IndexAsync("team/all", "index");
        await Server.Content.ChartAsync("team/all", "chart-1.0.0");
        await Server.Content.ArtifactAsync("team/all", "file", "application/vnd.example.file", null);
        var page = await OpenAsAsync("ann", "#/r/team/all");
        var tags = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        var host = Server.Address.Authority;
        await ShowsAsync("image", "linux/amd64", $"docker pull {host}/team/all:image");
        await ShowsAsync("index", "linux/amd64, linux/arm64", $"docker pull {host}/team/all:index");
        await ShowsAsync("chart-1.0.0", "Helm chart", $"helm pull oci://{host}/team/all --version chart-1.0.0 --plain-http");
        await ShowsAsync("file", "artifact", $"oras pull {host}/team/all:file --plain-http");

        async Task ShowsAsync(string tag, params string[] texts)
        {
            var card = tags.Filter(new() { Has = Link(page, tag) });
            foreach (var text in texts.Append("just now")) await Expect(card).ToContainTextAsync(text);
        }
    }

    [FactInBrowser]
    public async Task The_command_that_pulls_can_be_copied()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenAsAsync("ann", "#/r/team/app", new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await Button(page, "Copy the command that pulls v1").ClickAsync();
        await Expect(page.GetByText("Copied.")).ToBeVisibleAsync();
        Assert.Equal($"docker pull {Server.Address.Authority}/team/app:v1", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
    }

    [FactInBrowser]
    public async Task A_repository_goes_when_its_name_was_typed()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/old", "v1", layers: [10]);
        var page = await OpenAsAsync("ann", "#/r/team/old");
        await Button(page, "Delete the repository").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var delete = dialog.GetByRole(AriaRole.Button, new() { Name = "Delete the repository" });
        await Expect(delete).ToBeDisabledAsync();
        await dialog.GetByLabel("Type the name of the repository").FillAsync("team/old");
        await delete.ClickAsync();
        await Expect(page.GetByText("team/old was deleted.")).ToBeVisibleAsync();
        await Expect(Heading(page, "Repositories")).ToBeVisibleAsync();
        Assert.Null(await Server.Content.Repository("team/old").Tags.FindAsync(Tag.Parse("v1"), default));
    }
}
