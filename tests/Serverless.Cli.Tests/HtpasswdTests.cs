using Serverless.Registry.Access;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class HtpasswdTests : CliTest, IDisposable
{
    // As htpasswd makes them, at the lowest cost.
    private static readonly string s_one = Hash("password one");
    private static readonly string s_two = Hash("password two");

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Users_keep_their_passwords()
    {
        var run = await ImportAsync($"# people\r\nalice:{s_one}\r\n\r\n bob:{s_two} \r\n", "--scope", "team");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.EndsWith("Added 2 users, with the scope maps team; skipped 0 lines.\n", run.Error, StringComparison.Ordinal);
        Assert.True(await FitsAsync("alice", "password one"));
        Assert.True(await FitsAsync("bob", "password two"));
        Assert.Equal(["team"], (await GetAsync("bob")).Scopes);
    }

    [Fact]
    public async Task Other_lines_are_named_and_skipped_and_the_exit_code_says_so()
    {
        var run = await ImportAsync($"alice:$apr1$abcdefgh$0123456789012345678901\nno colon\nb/ob:{s_one}\ncarol:{s_one}\ndora:{s_one[..4]}99{s_one[6..]}\nemil:\n");
        Assert.Equal(
            """
            Line 1 is skipped: 'alice' has no bcrypt hash of a cost from 4 to 17 (htpasswd -B makes them).
            Line 2 is skipped: there is no colon between a name and a hash.
            Line 3 is skipped: the name has '/' as character 2; an account's name has letters from a to z and A to Z, digits and . _ @ + -.
            Line 5 is skipped: 'dora' has no bcrypt hash of a cost from 4 to 17 (htpasswd -B makes them).
            Line 6 is skipped: 'emil' has no bcrypt hash of a cost from 4 to 17 (htpasswd -B makes them).
            Added 1 users, with no scope maps; skipped 5 lines.

            """,
            run.Error);
        Assert.Equal((ExitCode.Refused, ""), (run.Code, run.Out));
        Assert.StartsWith("carol\t", (await RunAsync("users", "list")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_no_account_can_have_are_refused_line_by_line_with_the_reason()
    {
        const string Rule = "an account's name has letters from a to z and A to Z, digits and . _ @ + -";
        var run = await ImportAsync($"jörg:{s_one}\na$b:{s_one}\na&b:{s_one}\nanna maria:{s_one}\n:{s_one}\n.dot:{s_one}\n{new string('a', 129)}:{s_one}\na\u200bb:{s_one}\nx\ufffdy:{s_one}\nshort:{Hash("pw")}\n");
        Assert.Equal(
            $"""
            Line 1 is skipped: the name has 'ö' as character 2; {Rule}.
            Line 2 is skipped: the name has '$' as character 2; {Rule}.
            Line 3 is skipped: the name has '&' as character 2; {Rule}.
            Line 4 is skipped: the name has a space as character 5; {Rule}.
            Line 5 is skipped: there is no name before the colon.
            Line 6 is skipped: the name begins with '.'; an account's name begins with a letter or digit.
            Line 7 is skipped: the name is longer than 128 characters.
            Line 8 is skipped: the name has U+200B as character 2; {Rule}.
            Line 9 is skipped: the name is not in UTF-8 at character 2; {Rule}.
            Added 1 users, with no scope maps; skipped 9 lines.

            """,
            run.Error);
        // What is short stays as it was: its owner did not choose it here.
        Assert.True(await FitsAsync("short", "pw"));
    }

    [Fact]
    public async Task Accounts_that_are_there_stay_as_they_are()
    {
        await AddUserAsync("alice");
        var run = await ImportAsync($"alice:{s_one}\nbob:{s_two}\n");
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.StartsWith("Line 1 is skipped: there is an account 'alice' already.\n", run.Error, StringComparison.Ordinal);
        Assert.True(await FitsAsync("alice", Password));
        var again = await ImportAsync($"bob:{s_two}\n");
        Assert.Equal("Line 1 is skipped: there is an account 'bob' already.\nAdded 0 users, with no scope maps; skipped 1 lines.\n", again.Error);
    }

    [Fact]
    public async Task Of_two_lines_for_one_name_the_last_counts()
    {
        var run = await ImportAsync($"alice:{s_one}\nalice:{s_two}\n");
        Assert.StartsWith("Line 1 is skipped: 'alice' comes again in line 2, which counts.\n", run.Error, StringComparison.Ordinal);
        Assert.True(await FitsAsync("alice", "password two"));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_refused()
    {
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is no file nowhere.\n"), await RunAsync("htpasswd", "import", "nowhere"));
        Assert.Null(await Accounts.FindAsync(AccountName.Parse("alice"), CancellationToken.None));
    }

    private async Task<CliRun> ImportAsync(string text, params string[] options)
    {
        await File.WriteAllTextAsync(_file, text);
        return await RunAsync(["htpasswd", "import", _file, .. options]);
    }

    private static string Hash(string password) =>
        BCrypt.Net.BCrypt.HashPassword(password, 4);
}
