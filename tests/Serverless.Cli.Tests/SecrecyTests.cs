using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class SecrecyTests : CliTest
{
    // What every hash that is made here begins with; JSON may write the rest of one in another way.
    private const string HashPrefix = "AQAAAA";
    private const string RobotHashPrefix = "sha256:";
    private const string BcryptHash = "$2y$05$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

    private readonly HashSet<string> _stored = [];

    [Fact]
    public async Task No_password_hash_or_key_is_printed_save_a_robots_new_password_once()
    {
        List<CliRun> runs = [];
        await KeepAsync(RunWithInputAsync(Password, "users", "add", "alice", "--scope", "team"));
        await KeepAsync(RunWithInputAsync("another password", "users", "add", "alice"));
        await KeepAsync(RunWithInputAsync(new string('x', 300), "users", "add", "bob"));
        await KeepAsync(RunOnTerminalAsync("typed password\nwrong password\n", "users", "passwd", "alice"));
        await KeepAsync(RunOnTerminalAsync("typed password\ntyped password\n", "users", "passwd", "alice"));
        var made = await RunAsync("robots", "add", "ci");
        var rotated = await RunAsync("robots", "rotate", "ci");
        runs.Add(made with { Out = "" });
        runs.Add(rotated with { Out = "" });
        await KeepAsync(ImportAsync());
        await KeepAsync(RunAsync("keys", "rotate"));
        foreach (var list in (string[])["users", "robots", "scopes", "keys"])
        {
            await KeepAsync(RunAsync(list, "list"));
            await KeepAsync(RunAsync(list, "list", "--json"));
            await KeepAsync(RunOnTerminalAsync("", list, "list"));
        }

        foreach (var command in (string[])["disable", "enable", "remove"])
        {
            await KeepAsync(RunAsync("users", command, "alice"));
            await KeepAsync(RunAsync("robots", command, "ci"));
        }

        var said = string.Concat(runs.Select(r => r.Out + r.Error));
        string[] secrets =
        [
            Password, "another password", new('x', 20), "typed password", "wrong password", made.Out.Trim(), rotated.Out.Trim(),
            HashPrefix, RobotHashPrefix, BcryptHash, "$apr1$", "PRIVATE", .. _stored,
        ];
        Assert.All((string[])[HashPrefix, RobotHashPrefix], prefix => Assert.True(_stored.Count(s => s.StartsWith(prefix, StringComparison.Ordinal)) >= 2));
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, said, StringComparison.Ordinal));

        async Task KeepAsync(Task<CliRun> run)
        {
            runs.Add(await run);
            await NoteStoredAsync();
        }
    }

    // Hashes and keys come and go; each that storage has held must not have been shown.
    private async Task NoteStoredAsync()
    {
        foreach (var partition in (string[])[TableKeys.AccountPartition, TableKeys.SigningKeyPartition])
        {
            await foreach (var row in Stores.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(partition, ""), CancellationToken.None))
            {
                _stored.UnionWith(row.Properties.Where(p => p.Key is "hash0" or "hash1" or "pem").Select(p => (string)p.Value));
            }
        }
    }

    private async Task<CliRun> ImportAsync()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"carol:{BcryptHash}\ndora:$apr1$abcdefgh$0123456789012345678901\n{BcryptHash}\n");
        try
        {
            return await RunAsync("htpasswd", "import", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
