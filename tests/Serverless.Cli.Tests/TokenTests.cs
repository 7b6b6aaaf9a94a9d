using Serverless.Registry.Accounts;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class TokenTests : CliTest
{
    [Fact]
    public async Task Revoke_takes_back_those_of_one_subject()
    {
        var tokens = new RefreshTokenStore(Stores.Tables, Time);
        var first = await IssueAsync("repo:org/app");
        var second = await IssueAsync("repo:org/app");
        var other = await IssueAsync("alice");
        var run = await RunAsync("tokens", "revoke", "--subject", "repo:org/app");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.StartsWith("Revoked 2 refresh tokens of repo:org/app.", run.Error, StringComparison.Ordinal);
        Assert.Null(await tokens.FindAsync(first, "registry", CancellationToken.None));
        Assert.Null(await tokens.FindAsync(second, "registry", CancellationToken.None));
        Assert.NotNull(await tokens.FindAsync(other, "registry", CancellationToken.None));

        Task<string> IssueAsync(string subject) => tokens.IssueAsync(subject, "registry", TimeSpan.FromDays(1), TimeSpan.FromDays(1), new RefreshOrigin.Password("x"), CancellationToken.None);
    }

    [Fact]
    public async Task A_subject_without_tokens_is_refused()
    {
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There are no refresh tokens of 'alice'.\n"), await RunAsync("tokens", "revoke", "--subject", "alice"));
        Assert.Equal(ExitCode.Usage, (await RunAsync("tokens", "revoke")).Code);
    }
}
