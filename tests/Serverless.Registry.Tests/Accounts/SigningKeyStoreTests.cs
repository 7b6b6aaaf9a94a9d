using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Accounts;

public sealed class SigningKeyStoreTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryTableStore _tables;
    private readonly SigningKeyStore _keys;

    public SigningKeyStoreTests()
    {
        _tables = new InMemoryTableStore(_time);
        _keys = new SigningKeyStore(_tables, _time);
    }

    [Fact]
    public async Task Whoever_asks_first_makes_the_key_for_all()
    {
        var lists = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => new SigningKeyStore(_tables, _time).ListAsync(default))));
        Assert.Single(lists.Select(Assert.Single).Distinct());
        var key = lists[0][0];
        Assert.Equal(_time.GetUtcNow(), key.SignsFrom);
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(key.PrivateKeyPem);
        Assert.Equal(256, ecdsa.KeySize);
    }

    [Fact]
    public async Task A_new_key_is_published_before_it_signs()
    {
        var old = Assert.Single(await _keys.ListAsync(default));
        var key = await _keys.RotateAsync(atOnce: false, default);
        Assert.Equal(_time.GetUtcNow() + SigningKeySchedule.Overlap, key.SignsFrom);
        Assert.NotEqual(old.PrivateKeyPem, key.PrivateKeyPem);
        Assert.Equal([old, key], await _keys.ListAsync(default));
    }

    [Fact]
    public async Task An_old_key_verifies_for_a_day_after_its_successor_signs_and_is_dropped_by_a_later_rotation()
    {
        var old = Assert.Single(await _keys.ListAsync(default));
        var key = await _keys.RotateAsync(atOnce: false, default);
        _time.Advance(SigningKeySchedule.Overlap + SigningKeySchedule.Retention - TimeSpan.FromTicks(1));
        Assert.Equal([old, key], await _keys.ListAsync(default));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([key], await _keys.ListAsync(default));
        var next = await _keys.RotateAsync(atOnce: false, default);
        Assert.Equal([key, next], await _keys.ListAsync(default));
        var rows = 0;
        await foreach (var row in _tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.SigningKeyPartition, ""), default)) rows++;
        Assert.Equal(2, rows);
    }

    [Fact]
    public async Task Rotations_at_the_same_time_leave_keys_that_all_know()
    {
        await _keys.ListAsync(default);
        var made = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => _keys.RotateAsync(atOnce: false, default))));
        var listed = await _keys.ListAsync(default);
        Assert.Equal(6, listed.Count);
        Assert.Subset(listed.ToHashSet(), made.ToHashSet());
    }

    [Fact]
    public async Task The_only_key_stays_however_old_it_is()
    {
        var key = Assert.Single(await _keys.ListAsync(default));
        _time.Advance(TimeSpan.FromDays(10_000));
        Assert.Equal([key], await _keys.ListAsync(default));
    }
}
