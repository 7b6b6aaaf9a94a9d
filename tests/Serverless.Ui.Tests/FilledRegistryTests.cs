using Microsoft.Playwright;
using Serverless.Registry.Oci;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>Among 500 repositories one is found, and something of every kind is shown as what it is.</summary>
public sealed class FilledRegistryTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task All_500_are_listed_a_page_at_a_time()
    {
        await StartFilledAsync();
        var page = await OpenAsAsync("root");
        var items = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        for (var shown = 50; shown < FilledRegistry.Count; shown += 50)
        {
            await Expect(items).ToHaveCountAsync(shown);
            await Button(page, "Show more").ClickAsync();
        }

        await Expect(items).ToHaveCountAsync(FilledRegistry.Count);
        await Expect(Button(page, "Show more")).ToHaveCountAsync(0);
        Assert.Equal(FilledRegistry.Names, await items.AllInnerTextsAsync());
    }

    [FactInBrowser]
    public async Task The_500_narrow_with_each_letter()
    {
        await StartFilledAsync();
        var page = await OpenAsAsync("root");
        var items = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        var search = page.GetByLabel("Search");
        await Expect(items).ToHaveCountAsync(50);
        foreach (var typed in (string[])["we", "web/s", "web/stock", "web/stock-u"])
        {
            await search.PressSequentiallyAsync(typed[(await search.InputValueAsync()).Length..]);
            await Expect(items).ToHaveTextAsync(FilledRegistry.Names.Where(n => n.Contains(typed, StringComparison.Ordinal)).Take(50));
        }

        await Expect(search).ToBeFocusedAsync();
        await search.FillAsync("");
        await Expect(items).ToHaveCountAsync(50);
    }

    [FactInBrowser]
    public async Task Whoever_may_see_the_names_sees_no_more_of_those_that_are_not_for_him()
    {
        await StartFilledAsync();
        var page = await OpenAsAsync("bob");
        await page.GetByLabel("Search").FillAsync("web/stock-ui");
        await Link(page, "web/stock-ui").ClickAsync();
        await Expect(page.GetByText("Your account has no right to do this.")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task Something_of_every_kind_is_listed_as_what_it_is_with_its_command()
    {
        await StartFilledAsync();
        var page = await OpenAsAsync("ann", "#/r/team/kinds");
        var tags = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        await Expect(tags).ToHaveCountAsync(EveryKind.All.Count);
        foreach (var kind in EveryKind.All)
        {
            var card = tags.Filter(new() { Has = Link(page, kind.Tag) });
            // What a tag points at is asked for when it comes into view.
            await card.ScrollIntoViewIfNeededAsync();
            await Expect(card).ToContainTextAsync(kind.Kind);
            await Expect(card.Locator(".command code")).ToContainTextAsync($"{kind.Tool} pull ");
        }
    }

    [FactInBrowser]
    public async Task Each_kind_has_a_view_that_axe_does_not_complain_of()
    {
        await StartFilledAsync();
        var page = await OpenAsAsync("ann", "", new() { BypassCSP = true });
        foreach (var kind in EveryKind.All)
        {
            await page.GotoAsync($"{Server.Address}#/r/team/kinds/_tags/{kind.Tag}");
            await Expect(Section(page, "What it is")).ToContainTextAsync(kind.Kind);
            foreach (var text in kind.Says) await Expect(page.GetByRole(AriaRole.Main)).ToContainTextAsync(text);
            await Expect(page.GetByText("Loading")).ToHaveCountAsync(0);
            await AssertFitsAllAsync(page, kind.Tag);
        }
    }

    [FactInBrowser]
    public async Task One_of_them_is_found_refused_to_one_deleted_by_another_and_restored()
    {
        await StartFilledAsync();
        var page = await OpenAsAsync("bob");
        await DeleteAsync(page);
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Your account has no right to do this.");
        await Button(page, "Cancel").ClickAsync();
        Assert.True(await IsThereAsync());

        await Button(page, "Sign out").ClickAsync();
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
        await page.GotoAsync(Server.Address + "#/");
        await SignInAsync(page, "ann");
        await DeleteAsync(page);
        await Expect(page.GetByRole(AriaRole.Status).GetByText("The tag 1.0.0 was deleted.")).ToBeVisibleAsync();
        Assert.False(await IsThereAsync());
        await Link(page, "What was deleted").ClickAsync();
        await Button(page, "Restore 1.0.0").ClickAsync();
        await Expect(page.GetByText("Restored")).ToBeVisibleAsync();
        Assert.True(await IsThereAsync());

        async Task DeleteAsync(IPage page)
        {
            await page.GetByLabel("Search").FillAsync("ledger-jobs");
            await Link(page, "team/ledger-jobs").ClickAsync();
            await Button(page, "Delete 1.0.0").ClickAsync();
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        }

        async Task<bool> IsThereAsync() => await Server.Content.Repository("team/ledger-jobs").Tags.FindAsync(Tag.Parse("1.0.0"), default) is not null;
    }
}
