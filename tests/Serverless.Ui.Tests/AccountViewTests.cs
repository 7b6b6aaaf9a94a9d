using Microsoft.Playwright;
using Serverless.Registry.Access;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>Accounts, scope maps and what admins have changed, for those who may.</summary>
public sealed class AccountViewTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task Only_an_admin_sees_that_there_are_accounts()
    {
        await StartAsync();
        var page = await OpenAsAsync("ann");
        await Expect(Link(page, "Accounts")).ToHaveCountAsync(0);
        await page.GotoAsync(Server.Address + "#/accounts");
        await Expect(page.GetByText("Your account has no right to do this.")).ToBeVisibleAsync();

        var other = await OpenAsAsync("root");
        await Link(other, "Accounts").ClickAsync();
        await Expect(Link(other, "ann")).ToBeVisibleAsync();
        await Expect(Link(other, "root")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task A_robot_is_made_and_its_password_shown_once()
    {
        await StartAsync();
        var page = await OpenAsAsync("root", "#/accounts");
        await Button(page, "Add an account").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("ci");
        await dialog.GetByLabel("Robot, whose password is made for it").CheckAsync();
        await dialog.GetByLabel("Scope maps, separated by spaces").FillAsync("bob");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "The password of ci" })).ToBeVisibleAsync();
        var password = await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Code).InnerTextAsync();
        await Button(page, "I have it").ClickAsync();
        await Expect(Link(page, "ci")).ToBeVisibleAsync();
        var account = await Server.Accounts.FindAsync(AccountName.Parse("ci"), default);
        Assert.True(account is { IsRobot: true, Scopes: ["bob"] });

        var robot = await OpenPageAsync();
        await SignInAsync(robot, "ci", password);
        await Expect(robot.GetByText("There is no repository that you may see.")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task An_account_is_locked_out_let_in_again_and_deleted()
    {
        await StartAsync();
        var page = await OpenAsAsync("root", "#/accounts/bob");
        await Button(page, "Lock it out").ClickAsync();
        await Expect(page.GetByText("disabled", new() { Exact = true })).ToBeVisibleAsync();
        await Button(page, "Let it in again").ClickAsync();
        await Expect(page.GetByText("active", new() { Exact = true })).ToBeVisibleAsync();
        await Button(page, "Delete the account").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("The account bob was deleted.")).ToBeVisibleAsync();
        Assert.Null(await Server.Accounts.FindAsync(AccountName.Parse("bob"), default));
        await Link(page, "Changes").ClickAsync();
        var changes = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);
        await Expect(changes).ToHaveCountAsync(3);
        await Expect(changes.First).ToContainTextAsync("account.delete");
        await Expect(changes.First).ToContainTextAsync("root");
    }

    [FactInBrowser]
    public async Task A_scope_map_is_set_and_what_cannot_be_read_is_refused()
    {
        await StartAsync();
        var page = await OpenAsAsync("root", "#/scope-maps");
        await Button(page, "Add a scope map").ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("web");
        await dialog.GetByLabel("Rights, one a line").FillAsync("nothing");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("the rules cannot be read");
        await dialog.GetByLabel("Rights, one a line").FillAsync("web/*:pull,push\nregistry:catalog:*");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Set" }).ClickAsync();
        await Expect(page.GetByText("web/*:pull,push", new() { Exact = true })).ToBeVisibleAsync();
        await Button(page, "Delete web").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("web/*:pull,push", new() { Exact = true })).ToHaveCountAsync(0);
    }
}
