using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Scheduling;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Core;

/// <summary>What only a newer release knows of a row is still there after an older one has read it and written it back.</summary>
public sealed class UnknownPropertiesTests
{
    private readonly TestRegistry _test = new();

    [Fact]
    public async Task An_account_keeps_them()
    {
        var accounts = new AccountStore(_test.Tables, _test.Time);
        var name = AccountName.Parse("ci");
        await accounts.AddAsync(new Account { Name = name, Scopes = [], PasswordHashes = ["x", null] }, default);
        await AssertKeptAsync(TableKeys.SystemTable, TableKeys.Account(name), () => accounts.ChangeAsync(name, a => a with { Disabled = true }, default));
    }

    [Fact]
    public async Task An_upload_keeps_them()
    {
        var upload = await _test.Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(TestRegistry.Body(Any.Content(10)), null, default);
        var row = TableKeys.Upload(_test.Repository.Name, upload.Id);
        await AssertKeptAsync(TableKeys.RegistryTable, row, () => upload.AppendAsync(TestRegistry.Body(Any.Content(10)), null, default));
        await AssertKeptAsync(TableKeys.RegistryTable, row, () => upload.CancelAsync(default));
    }

    [Fact]
    public async Task An_entry_of_the_queue_keeps_them()
    {
        await _test.Repository.Blobs.PutAsync(Any.Content(10), default);
        _test.Time.Advance(_test.Options.Grace * 1.25);
        await _test.Repository.Blobs.PutAsync(Any.Content(20), default);
        var row = TableKeys.QueuedRepository(_test.Repository.Name);
        var due = new Dictionary<string, object> { ["due"] = RowTime.Format(_test.Time.GetUtcNow()) };
        await _test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.UpsertMerge(row, due), default);
        await AssertKeptAsync(TableKeys.SystemTable, row, () => _test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default));
    }

    [Fact]
    public async Task A_task_keeps_them()
    {
        var claims = new TaskClaims(_test.Tables, _test.Time);
        using (var first = (await claims.TryClaimAsync("sweep", TimeSpan.Zero, TimeSpan.FromMinutes(1), default))!) await first.FinishAsync(default);
        await AssertKeptAsync(TableKeys.SystemTable, TableKeys.TimedTask("sweep"), async () =>
        {
            using var claim = (await claims.TryClaimAsync("sweep", TimeSpan.Zero, TimeSpan.FromMinutes(1), default))!;
            await claim.SaveCursorAsync("here", default);
            await claim.FinishAsync(default);
        });
    }

    private async Task AssertKeptAsync(string table, RowKey key, Func<Task> write)
    {
        await _test.Tables.WriteAsync(table, new RowWrite.UpsertMerge(key, new Dictionary<string, object> { ["newer"] = "yes" }), default);
        var before = (await _test.Tables.FindAsync(table, key, default))!;
        await write();
        var after = (await _test.Tables.FindAsync(table, key, default))!;
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.Equal("yes", after.FindString("newer"));
    }
}
