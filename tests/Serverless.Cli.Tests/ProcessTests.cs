using System.Diagnostics;
using Serverless.AzureStorage;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Testing;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary>The executable in a process of its own, on Azurite.</summary>
public sealed class ProcessTests(AzuriteServer azurite) : IClassFixture<AzuriteServer>
{
    private readonly AzureStorageOptions _storage = azurite.NewOptions();

    [Fact]
    public async Task From_an_empty_registry_to_a_robot_with_two_passwords()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync("", "scopes", "set", "team", "team/*:pull,push")).Code);
        var added = await RunAsync("correct horse\n", "users", "add", "alice", "--scope", "team");
        Assert.Equal((ExitCode.Done, ""), (added.Code, added.Out));
        Assert.Equal(ExitCode.Refused, (await RunAsync("other\n", "users", "add", "alice")).Code);
        Assert.Equal(new CliRun(ExitCode.Done, "alice\tactive\tteam\t-\n", ""), await RunAsync("", "users", "list"));

        var first = (await RunAsync("", "robots", "add", "ci", "--scope", "team", "--expires", "90d")).Out.TrimEnd();
        var second = (await RunAsync("", "robots", "rotate", "ci")).Out.TrimEnd();
        var third = (await RunAsync("", "robots", "rotate", "ci")).Out.TrimEnd();
        Assert.True(await FitsAsync("alice", "correct horse"));
        Assert.False(await FitsAsync("ci", first));
        Assert.True(await FitsAsync("ci", second));
        Assert.True(await FitsAsync("ci", third));
    }

    [Fact]
    public async Task Bad_usage_and_bad_settings_have_an_exit_code_of_their_own()
    {
        Assert.Equal(ExitCode.Usage, (await RunAsync("", "users", "add", "a/b")).Code);
        var run = await RunAsync("", "users", "list", "--set", "Storage:Container=A");
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private async Task<bool> FitsAsync(string name, string password)
    {
        var accounts = new AccountStore(AzureStores.Create(_storage, TimeProvider.System).Tables, TimeProvider.System);
        var account = Assert.IsType<Account>(await accounts.FindAsync(AccountName.Parse(name), CancellationToken.None));
        return PasswordHashes.Verify(RobotPassword.HashFor(account, password), password);
    }

    private async Task<CliRun> RunAsync(string input, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CliApp).Assembly.Location, .. args])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["Registry__Storage__ConnectionString"] = _storage.ConnectionString;
        start.Environment["Registry__Storage__Container"] = _storage.ContainerName;
        start.Environment["Registry__Storage__TablePrefix"] = _storage.TablePrefix;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new CliRun(process.ExitCode, await output, await error);
    }
}
