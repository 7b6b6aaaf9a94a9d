using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>What becomes of answers that no registry of ours would give, or only on a bad day.</summary>
public sealed class ApiAnswerTests : CliTest
{
    private readonly Queue<(int Status, string Type, string Body)> _answers = new();
    private readonly List<string> _asked = [];
    private WebApplication? _app;

    public override async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public override async Task DisposeAsync() => await _app!.DisposeAsync();

    [Fact]
    public async Task A_list_is_asked_for_again_while_the_registry_is_busy_and_goes_on_where_it_was()
    {
        Add(503, "application/problem+json", """{"detail":"busy"}""");
        Add(200, "application/json", """{"repositories":["a"],"cursor":"n:a&b","new":1}""");
        Add(429, "application/problem+json", """{"detail":"busy"}""");
        Add(200, "application/json", """{"repositories":["b"]}""");
        Assert.Equal(new CliRun(0, "a\nb\n", ""), await RunAsync("repository", "list"));
        string[] asked = ["GET /api/v1/repositories", "GET /api/v1/repositories", "GET /api/v1/repositories?cursor=n%3Aa%26b", "GET /api/v1/repositories?cursor=n%3Aa%26b"];
        Assert.Equal(asked, _asked);
    }

    [Fact]
    public async Task Four_attempts_are_enough()
    {
        for (var i = 0; i < 5; i++) Add(503, "application/problem+json", """{"detail":"storage is not available"}""");
        var run = await RunAsync("repository", "list");
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.EndsWith("answered 503 to /api/v1/repositories: storage is not available.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(4, _asked.Count);
    }

    // Nobody knows whether it was done.
    [Fact]
    public async Task A_change_is_sent_once()
    {
        Add(503, "application/problem+json", """{"detail":"storage is not available"}""");
        var run = await RunAsync("scopes", "set", "team", "team/*:pull");
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.EndsWith("refuses that: storage is not available.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(["PUT /api/v1/scope-maps/team"], _asked);
    }

    [Fact]
    public async Task A_list_without_an_end_is_ended()
    {
        for (var i = 0; i < 3; i++) Add(200, "application/json", """{"repositories":["a"],"cursor":"n:a"}""");
        var run = await RunAsync("repository", "list");
        Assert.Equal((ExitCode.Refused, "a\na\n"), (run.Code, run.Out));
        Assert.Contains("has no end", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>")]
    [InlineData(200, "application/json", "{}")]
    [InlineData(200, "application/json", "[1]")]
    [InlineData(200, "application/json", "null")]
    [InlineData(404, "text/html", "<html>")]
    [InlineData(302, "text/html", "")]
    public async Task What_is_no_answer_of_the_API_is_said(int status, string type, string body)
    {
        Add(status, type, body);
        var run = await RunAsync("repository", "list");
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.Contains("a registry's API for operators does. Look at --url", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_and_names_of_a_registry_do_nothing_to_a_terminal()
    {
        Add(200, "application/json", """{"repositories":["a","\u001b[2Jb","c"]}""");
        Assert.Equal("a\nc\n", (await RunAsync("repository", "list")).Out);
        Add(409, "application/problem+json", """{"code":"X","detail":"no\u001b[2J\nway","errors":["one","two"]}""");
        var run = await RunAsync("repository", "list");
        Assert.EndsWith("refuses that: no [2J way: one; two.\n", run.Error, StringComparison.Ordinal);
    }

    // Time passes while the tool waits before it asks again.
    private new async Task<CliRun> RunAsync(params string[] args)
    {
        var run = RunToolAsync("", null, terminal: false, [.. args, "--url", _app!.Urls.Single()]);
        while (await Task.WhenAny(run, Task.Delay(10)) != run) Time.Advance(TimeSpan.FromSeconds(1));
        return await run;
    }

    private void Add(int status, string type, string body) => _answers.Enqueue((status, type, body));

    private async Task AnswerAsync(HttpContext http)
    {
        _asked.Add($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}");
        var (status, type, body) = _answers.Dequeue();
        (http.Response.StatusCode, http.Response.ContentType) = (status, type);
        if (status == 302) http.Response.Headers.Location = "/elsewhere";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
    }
}
