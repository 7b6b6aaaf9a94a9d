using System.Collections.Concurrent;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>Who sees what, and what the page keeps of a password.</summary>
public sealed class SignInTests(Chromium chromium, PublishedServers servers) : PageTest(chromium, servers)
{
    [FactInBrowser]
    public async Task Nothing_is_shown_until_somebody_has_signed_in_and_after_he_has_left()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenPageAsync();
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
        await SignInAsync(page, "ann", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Name or password is wrong.");
        await SignInAsync(page, "ann");
        await Expect(Link(page, "team/app")).ToBeVisibleAsync();
        await Expect(Heading(page, "Repositories")).ToBeFocusedAsync();
        await Button(page, "Sign out").ClickAsync();
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
        await Expect(Link(page, "team/app")).ToHaveCountAsync(0);
    }

    [FactInBrowser]
    public async Task The_browser_keeps_nothing_of_a_password()
    {
        await StartAsync();
        var page = await OpenAsAsync("ann");
        Assert.Equal(0, await page.EvaluateAsync<int>("localStorage.length + sessionStorage.length + document.cookie.length"));
        await page.ReloadAsync();
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task A_token_is_for_what_a_view_needs_and_only_the_token_service_is_sent_the_password()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenPageAsync();
        ConcurrentQueue<string> scopes = [], byPassword = [];
        page.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.AbsolutePath == "/token") foreach (var scope in url.Query.Split('&').Where(p => p.StartsWith("scope=", StringComparison.Ordinal))) scopes.Enqueue(Uri.UnescapeDataString(scope["scope=".Length..]));
            if (request.Headers.TryGetValue("authorization", out var header) && header.StartsWith("Basic", StringComparison.Ordinal)) byPassword.Enqueue(url.AbsolutePath);
        };
        await SignInAsync(page, "bob");
        await Link(page, "team/app").ClickAsync();
        await Expect(page.GetByText("docker pull")).ToBeVisibleAsync();
        Assert.Equal(["registry:admin:*", "registry:catalog:*", "repository:team/app:pull"], scopes.Distinct().Order());
        Assert.Equal(["/token", "/v2/"], byPassword.Distinct().Order());
    }

    [FactInBrowser]
    public async Task Whoever_may_only_read_is_told_so_and_nothing_is_deleted()
    {
        await StartAsync();
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenAsAsync("bob", "#/r/team/app");
        await Button(page, "Delete v1").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Your account has no right to do this.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(Link(page, "v1")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task Where_everybody_may_read_nobody_has_to_sign_in()
    {
        await StartAsync("Auth:Anonymous:0=team/*:pull", "Auth:Anonymous:1=registry:catalog:*");
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenPageAsync();
        await Link(page, "team/app").ClickAsync();
        await Expect(Link(page, "v1")).ToBeVisibleAsync();
        await Button(page, "Delete v1").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Sign in");
    }

    [FactInBrowser]
    public async Task In_an_open_registry_there_is_nothing_to_sign_in_for()
    {
        await StartOpenAsync("Auth:Mode=none");
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenPageAsync("#/r/team/app");
        await Expect(Link(page, "v1")).ToBeVisibleAsync();
    }

    [FactInBrowser]
    public async Task With_an_htpasswd_file_the_same_form_signs_in()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"ann:{BCrypt.Net.BCrypt.HashPassword(PageServer.Password, 4)}\n");
        await StartOpenAsync("Auth:Mode=basic", $"Auth:Basic:HtpasswdPath={file}");
        await Server.Content.ImageAsync("team/app", "v1", layers: [10]);
        var page = await OpenPageAsync();
        await Expect(page.GetByText("Sign in to see this.")).ToBeVisibleAsync();
        await SignInAsync(page, "ann", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Name or password is wrong.");
        await SignInAsync(page, "ann");
        await Expect(Link(page, "team/app")).ToBeVisibleAsync();
        File.Delete(file);
    }
}
