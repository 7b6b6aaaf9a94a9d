using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace Serverless.Ui.Tests;

/// <summary>
/// What somebody waits for who opens the page for the first time, with 500 repositories: by the browser's own account, in a browser that keeps nothing from before. The times are printed, and
/// belong in docs/ui.md; what is asked for is asserted.
/// </summary>
public sealed class FirstPictureTests(Chromium chromium, PublishedServers servers, ITestOutputHelper output) : PageTest(chromium, servers)
{
    private const int Runs = 3;

    // Notes when the first repository is there: the next frame is the one that shows it.
    private const string NoteList = """
        new MutationObserver((_, observer) => {
          if (!document.querySelector('main li a')) return;
          observer.disconnect();
          requestAnimationFrame(() => setTimeout(() => performance.mark('list')));
        }).observe(document, { childList: true, subtree: true });
        """;

    private const string Account = """
        () => ({
          paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
          list: performance.getEntriesByName('list')[0].startTime,
          signIn: performance.getEntriesByName('sign-in')[0]?.startTime ?? 0,
          bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => e.transferSize).reduce((a, b) => a + b),
          asked: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => new URL(e.name).pathname),
        })
        """;

    [FactInBrowser]
    public async Task Where_everybody_may_read_it_is_a_few_requests_and_some_KiB()
    {
        await StartFilledAsync("Auth:Anonymous:0=*:pull", "Auth:Anonymous:1=registry:catalog:*");
        var seen = await MeasureAsync("for everybody", _ => Task.CompletedTask);
        Assert.All(seen, s =>
        {
            Assert.InRange(s.GetProperty("asked").GetArrayLength(), 1, 8);
            Assert.InRange(s.GetProperty("bytes").GetInt64(), 1, 60 * 1024);
        });
    }

    [FactInBrowser]
    public async Task Whoever_signs_in_waits_for_tokens_and_the_list()
    {
        await StartFilledAsync();
        var seen = await MeasureAsync("signing in", async page =>
        {
            await page.EvaluateAsync("addEventListener('submit', () => performance.mark('sign-in'), true)");
            await SignInAsync(page, "root");
        });
        Assert.All(seen, s => Assert.InRange(s.GetProperty("asked").GetArrayLength(), 1, 14));
    }

    private async Task<List<JsonElement>> MeasureAsync(string what, Func<IPage, Task> act)
    {
        List<JsonElement> seen = [];
        for (var run = 0; run < Runs; run++)
        {
            var page = await OpenPageAsync(script: NoteList);
            await act(page);
            await Expect(page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(50);
            await page.WaitForFunctionAsync("performance.getEntriesByName('list').length > 0");
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            seen.Add(await page.EvaluateAsync<JsonElement>(Account));
        }

        var last = seen[^1];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"First picture, {what}, {FilledRegistry.Count} repositories, median of {Runs} (worst): first contentful paint {Times("paint")} ms, list {Times("list")} ms, signed in at {Times("signIn")} ms; {last.GetProperty("bytes")} bytes by {last.GetProperty("asked").GetArrayLength()} requests"));
        output.WriteLine(last.GetProperty("asked").ToString());
        return seen;

        string Times(string name)
        {
            var times = seen.Select(s => s.GetProperty(name).GetDouble()).Order().ToList();
            return string.Create(CultureInfo.InvariantCulture, $"{times[Runs / 2]:0} ({times[^1]:0})");
        }
    }
}
