using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Serverless.Ui.Tests;

/// <summary>How the files of the page are answered.</summary>
public sealed partial class PageFilesTests : IAsyncLifetime
{
    private PageServer _server = null!;

    public async Task InitializeAsync() => _server = await PageServer.StartInMemoryAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [FactWithPage]
    public async Task The_page_is_for_everybody_and_lets_nothing_else_in()
    {
        using var answer = await _server.GetAsync("");
        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        foreach (var part in (string[])["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'none'"]) Assert.Contains(part, policy.Split("; "));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
    }

    [FactWithPage]
    public async Task It_costs_no_call_to_storage()
    {
        _server.Probe.Reset();
        foreach (var file in await FilesAsync()) (await _server.GetAsync(file)).Dispose();
        Assert.Empty(_server.Probe.Calls);
    }

    [FactWithPage]
    public async Task A_file_whose_name_changes_with_its_content_is_kept_for_ever_and_the_page_is_asked_for_each_time()
    {
        var files = await FilesAsync();
        Assert.True(files.Count >= 3, string.Join(' ', files));
        foreach (var file in files)
        {
            using var answer = await _server.GetAsync(file);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl?.ToString());
        }

        using var page = await _server.GetAsync("");
        using var again = await _server.GetAsync("", "GET", ("If-None-Match", page.Headers.ETag!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [TheoryWithPage]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", null)]
    [InlineData("nonsense;;", null)]
    public async Task It_comes_compressed_as_the_client_takes_it(string accepted, string? coding)
    {
        using var answer = await _server.GetAsync("", "GET", ("Accept-Encoding", accepted));
        Assert.Equal(coding is null ? [] : [coding], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        Assert.Equal(answer.Content.Headers.ContentLength, (await answer.Content.ReadAsByteArrayAsync()).LongLength);
    }

    [FactWithPage]
    public async Task All_of_it_is_small()
    {
        var sum = 0;
        foreach (var file in (await FilesAsync()).Append(""))
        {
            using var answer = await _server.GetAsync(file, "GET", ("Accept-Encoding", "gzip"));
            sum += (await answer.Content.ReadAsByteArrayAsync()).Length;
        }

        Assert.InRange(sum, 1, 60 * 1024);
    }

    [FactWithPage]
    public async Task Without_the_slash_one_is_sent_to_where_relative_addresses_lead_somewhere()
    {
        using var answer = await _server.GetAsync("../ui");
        Assert.Equal((HttpStatusCode.PermanentRedirect, "ui/"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [TheoryWithPage]
    [InlineData("nothing")]
    [InlineData("index.html.br")]
    [InlineData("assets/")]
    [InlineData("assets/..%5Cindex.html")]
    public async Task What_is_no_file_of_it_is_not_there(string path)
    {
        using var answer = await _server.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [FactWithPage]
    public async Task It_is_only_read()
    {
        using var head = await _server.GetAsync("", "HEAD");
        Assert.Equal((HttpStatusCode.OK, ""), (head.StatusCode, await head.Content.ReadAsStringAsync()));
        using var post = await _server.GetAsync("", "POST");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(["GET", "HEAD"], post.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("Ui:Enabled=false")]
    [InlineData("Api:Enabled=false")]
    public async Task A_setting_takes_it_away(string setting)
    {
        await using var without = await PageServer.StartInMemoryAsync(setting);
        using var answer = await without.GetAsync("");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
    }

    // What the page names, relative to it.
    private async Task<IReadOnlyList<string>> FilesAsync()
    {
        using var answer = await _server.GetAsync("");
        return [.. Addresses().Matches(await answer.Content.ReadAsStringAsync()).Select(m => m.Groups[1].Value)];
    }

    [GeneratedRegex("(?:src|href)=\"\\./([^\"]+)\"")]
    private static partial Regex Addresses();
}
