using Microsoft.Playwright;
using Serverless.Registry.Oci;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>Deletions ask, and come back.</summary>
public sealed class DeletionTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task A_tag_is_deleted_when_somebody_says_so_and_is_there_again_by_Undo()
    {
        var (page, _) = await OpenTagAsync("#/r/team/app");
        await Button(page, "Delete v1").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(Button(page, "Delete v1")).ToBeFocusedAsync();
        Assert.True(await IsThereAsync());

        await Button(page, "Delete v1").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).GetByText("The tag v1 was deleted.")).ToBeVisibleAsync();
        await Expect(Link(page, "v1")).ToHaveCountAsync(0);
        await Expect(Button(page, "Undo")).ToBeFocusedAsync();
        Assert.False(await IsThereAsync());

        await Button(page, "Undo").ClickAsync();
        await Expect(Link(page, "v1")).ToBeVisibleAsync();
        Assert.True(await IsThereAsync());
    }

    [FactInBrowser]
    public async Task What_was_deleted_is_listed_and_restored_from_there()
    {
        var (page, manifest) = await OpenTagAsync("#/r/team/app");
        await Server.Content.Repository("team/app").Manifests.DeleteAsync(manifest.Digest, default);
        await Link(page, "What was deleted").ClickAsync();
        await Expect(Heading(page, "Deleted in team/app")).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync("with 1 tag: v1");
        await Button(page, $"Restore {manifest.Digest}").ClickAsync();
        await Expect(page.GetByText("Restored, with v1.")).ToBeVisibleAsync();
        Assert.True(await IsThereAsync());
    }

    [FactInBrowser]
    public async Task A_manifest_goes_with_its_tags_and_comes_back_with_them()
    {
        var (page, manifest) = await OpenTagAsync();
        await page.GotoAsync($"{Server.Address}#/r/team/app/_manifests/{manifest.Digest}");
        await Button(page, "Delete the manifest").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(Heading(page, "team/app")).ToBeFocusedAsync();
        Assert.False(await IsThereAsync());
        await Button(page, "Undo").ClickAsync();
        await Expect(page.GetByText("The manifest is there again, with v1.")).ToBeVisibleAsync();
        Assert.True(await IsThereAsync());
    }

    [FactInBrowser]
    public async Task A_tag_that_somebody_else_has_moved_meanwhile_is_not_deleted()
    {
        var (page, _) = await OpenTagAsync("#/r/team/app");
        await Expect(Link(page, "v1")).ToBeVisibleAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [30]);
        await Button(page, "Delete v1").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("The registry answers");
        Assert.True(await IsThereAsync());
    }

    private async Task<(IPage Page, Manifest Manifest)> OpenTagAsync(string fragment = "")
    {
        await StartAsync();
        var manifest = await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        return (await OpenAsAsync("ann", fragment), manifest);
    }

    private async Task<bool> IsThereAsync() => await Server.Content.Repository("team/app").Tags.FindAsync(Tag.Parse("v1"), default) is not null;
}
