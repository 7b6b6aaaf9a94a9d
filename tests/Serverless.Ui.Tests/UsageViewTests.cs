using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>What namespaces hold and may hold.</summary>
public sealed class UsageViewTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task A_quota_is_set_and_what_is_held_is_shown_beside_it()
    {
        await StartAsync();
        var page = await OpenAsAsync("root", "#/quotas");
        await Expect(page.GetByText("There are no quotas")).ToBeVisibleAsync();
        await Button(page, "Add a quota").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Namespace, such as").FillAsync("team");
        await dialog.GetByLabel("Refuse pushes above").FillAsync("much");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("A size is written like 10 GiB");
        await dialog.GetByLabel("Refuse pushes above").FillAsync("1.5 MiB");
        await dialog.GetByLabel("Warn above").FillAsync("2 MiB");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("the hard limit is not below the soft one");
        await dialog.GetByLabel("Warn above").FillAsync("100kb");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(page.GetByText("refused above 1.5 MiB, warned above 100 KiB")).ToBeVisibleAsync();

        await Server.Content.ImageAsync("team/app", "v1");
        await Link(page, "Usage").ClickAsync();
        var item = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        await Expect(item).ToContainTextAsync("314 KiB");
        await Expect(item).ToContainTextAsync("1 repository, 4 blobs; may hold 1.5 MiB; warned from 100 KiB on · above the warning");
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "1 namespace holds 314 KiB together; the largest is team/ with 314 KiB" })).ToBeVisibleAsync();
        await Link(page, "team/").ClickAsync();
        await Expect(Link(page, "team/app")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task A_quota_is_changed_and_deleted()
    {
        await StartAsync();
        await Server.Quotas.SetAsync(new("te*") { Soft = 1 << 30 }, default);
        var page = await OpenAsAsync("root", "#/quotas");
        await Button(page, "Change the quota of te*").ClickAsync();
        await Expect(page.GetByLabel("Warn above")).ToHaveValueAsync("1 GiB");
        await page.GetByLabel("Warn above").FillAsync("");
        await page.GetByLabel("Refuse pushes above").FillAsync("3 TiB");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(page.GetByText("refused above 3.0 TiB")).ToBeVisibleAsync();
        await Button(page, "Delete the quota of te*").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("There are no quotas")).ToBeVisibleAsync();
        Assert.Empty(await Server.Quotas.ListAsync(default));
    }

    [FactInBrowser]
    public async Task Only_an_admin_sees_that_there_are_quotas()
    {
        await StartAsync();
        var page = await OpenAsAsync("ann");
        await Expect(Link(page, "Quotas")).ToHaveCountAsync(0);
        await Link(page, "Usage").ClickAsync();
        await Expect(page.GetByText("Nothing was counted yet.")).ToBeVisibleAsync();
    }
}
