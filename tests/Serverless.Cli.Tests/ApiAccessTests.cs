using System.Net;
using System.Net.Sockets;
using Serverless.Registry.Access;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>What <c>--url</c> wants of an address, an account and its rights, and what is said where it does not get it.</summary>
public sealed class ApiAccessTests : CliTest
{
    private protected override bool OverApi => true;

    [Theory]
    [InlineData("gc")]
    [InlineData("retention")]
    [InlineData("verify")]
    [InlineData("locks")]
    [InlineData("lock", "team/app:v1")]
    [InlineData("keys", "list")]
    [InlineData("tokens", "revoke", "--subject", "ann")]
    [InlineData("htpasswd", "import", "none")]
    [InlineData("identity")]
    [InlineData("move", "--to", "none")]
    [InlineData("copy", "oci:none:v1", "team/app")]
    [InlineData("events", "list")]
    public async Task What_the_API_cannot_do_is_bad_usage(params string[] args)
    {
        var run = await RunAsync(args);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.EndsWith("works on the registry's storage: leave --url out, and REGISTRY_URL.\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_may_say_where_and_who()
    {
        var server = await StartServerAsync();
        (Environment["REGISTRY_URL"], Environment["REGISTRY_ACCOUNT"]) = (server.Url, ApiServer.Account);
        Assert.Equal(new CliRun(0, "operator\tactive\toperator\t2026-01-01T00:00:00Z\n", ""), await ToolAsync("users", "list"));
        Assert.Equal(ExitCode.Usage, (await ToolAsync("gc")).Code);
    }

    [Fact]
    public async Task A_path_in_the_address_is_the_prefix()
    {
        Environment["Registry:Prefix"] = "/images";
        var server = await StartServerAsync();
        Assert.Equal(0, (await ToolAsync("users", "list", "--url", $"{server.Url}/images/", "--as", ApiServer.Account)).Code);
        var run = await ToolAsync("users", "list", "--url", server.Url, "--as", ApiServer.Account);
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.Contains("not as a registry's API for operators does", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_not_shown()
    {
        var server = await StartServerAsync();
        server.Environment["REGISTRY_PASSWORD"] = "a wrong password";
        var run = await RunAsync("users", "list");
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.EndsWith("does not let operator sign in: the name or the password is wrong, or the account is locked out.\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("a wrong password", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_lacks_a_right_is_told_which_one()
    {
        var server = await StartServerAsync();
        await ScopeMaps.SetAsync("team", new AccessRights([AccessRule.Parse("team/*:pull")]), CancellationToken.None);
        await AddUserAsync("ann", "team");
        server.Environment["REGISTRY_PASSWORD"] = Password;
        Dictionary<string[], string> needed = new()
        {
            [["users", "list"]] = "registry:admin:*",
            [["robots", "add", "ci"]] = "registry:admin:*",
            [["scopes", "set", "x", "*:pull"]] = "registry:admin:*",
            [["tag", "rollback", "team/app:v1"]] = "team/app:pull,push",
            [["repository", "remove", "team/app"]] = "team/app:delete",
            [["tag", "list", "other/app"]] = "other/app:pull",
        };
        foreach (var (args, right) in needed)
        {
            var run = await ToolAsync([.. args, "--url", server.Url, "--as", "ann"]);
            Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
            Assert.Contains($"does not let ann do that: it needs the right {right}, ", run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        }

        Assert.Equal("There is no repository team/app.\n", (await ToolAsync("tag", "list", "team/app", "--url", server.Url, "--as", "ann")).Error);
    }

    [Fact]
    public async Task Who_has_not_signed_in_is_told_how()
    {
        var server = await StartServerAsync();
        var run = await ToolAsync("users", "list", "--url", server.Url);
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.Contains("it needs the right registry:admin:*. Name an account by --as, whose password is in REGISTRY_PASSWORD.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_locks_himself_out()
    {
        var run = await RunAsync("users", "disable", ApiServer.Account);
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.EndsWith("refuses that: nobody locks himself out, or deletes his own account.\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://registry.example", "Outbound:Allow:0=registry.example")]
    [InlineData("ftp://registry.example", "https://host[:port][/prefix]")]
    [InlineData("https://ann:secret@registry.example", "https://host[:port][/prefix]")]
    [InlineData("https://registry.example/?q=secret", "https://host[:port][/prefix]")]
    [InlineData("https://", "https://host[:port][/prefix]")]
    public async Task An_address_that_is_none_or_would_show_passwords_is_bad_usage(string url, string said)
    {
        await StartServerAsync();
        var run = await ToolAsync("users", "list", "--url", url, "--as", "ann");
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_needs_a_password_which_a_terminal_is_asked_for()
    {
        var server = await StartServerAsync();
        server.Environment.Clear();
        var run = await RunAsync("users", "list");
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("--as needs the password in REGISTRY_PASSWORD", run.Error, StringComparison.Ordinal);
        var asked = await RunOnTerminalAsync(ApiServer.Password + "\n", "users", "list");
        Assert.Equal(0, asked.Code);
        Assert.Contains($"Password of operator at {new Uri(server.Url).Authority}: ", asked.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiServer.Password, asked.Out + asked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_at_once()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Bound, and not listening.
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var run = await ToolAsync("users", "list", "--url", $"http://{socket.LocalEndPoint}");
        Assert.Equal(new CliRun(ExitCode.Refused, "", $"{socket.LocalEndPoint} could not be reached (ConnectionRefused).\n"), run);
    }

    [Fact]
    public async Task A_server_without_TLS_is_said()
    {
        var server = await StartServerAsync();
        var run = await ToolAsync("users", "list", "--url", server.Url.Replace("http:", "https:", StringComparison.Ordinal));
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.Matches(@"\A127\.0\.0\.1:[0-9]+ (speaks no TLS that can be trusted|could not be reached)", run.Error);
    }

    [Fact]
    public async Task A_robots_password_is_printed_once()
    {
        var made = await RunAsync("robots", "add", "ci");
        Assert.Matches(@"\Asr0_[A-Za-z0-9_-]{43}\n\z", made.Out);
        var rest = await RunAsync("robots", "list", "--json");
        Assert.DoesNotContain(made.Out.Trim(), made.Error + rest.Out + rest.Error, StringComparison.Ordinal);
    }

    // As somebody runs it who says by himself where and who.
    private Task<CliRun> ToolAsync(params string[] args) => RunToolAsync("", null, terminal: false, args);
}
