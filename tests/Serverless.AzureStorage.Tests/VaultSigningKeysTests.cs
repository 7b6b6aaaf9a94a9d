using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.AzureStorage.Tests;

/// <summary>Keys that sign tokens, in a key vault that is played by a server of this machine.</summary>
public sealed class VaultSigningKeysTests : IAsyncLifetime
{
    private static readonly CallLimits s_short = new(TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(1));

    private readonly ManualTimeProvider _time = new(startNow: true);
    private ScriptedVault? _vault;

    private ScriptedVault Vault => _vault!;

    public async Task InitializeAsync() => _vault = await ScriptedVault.StartAsync(_time);

    public async Task DisposeAsync() => await Vault.DisposeAsync();

    [Fact]
    public async Task An_empty_vault_is_explained_and_the_first_rotation_makes_the_key()
    {
        var keys = Vault.Open();
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => keys.ListAsync(default));
        Assert.Equal("The secret registry-signing-key of https://scripted.vault.azure.net/ has no version that is enabled: make one by 'registry keys rotate --now'.", e.Message);
        var made = await Vault.Open().RotateAsync(atOnce: true, default);
        var key = Assert.Single(await keys.ListAsync(default));
        Assert.Equal(made, key);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeSeconds(), key.SignsFrom.ToUnixTimeSeconds());
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(key.PrivateKeyPem);
        Assert.Equal(256, ecdsa.KeySize);
    }

    [Fact]
    public async Task A_new_key_is_published_then_signs_while_the_old_one_verifies_and_goes()
    {
        var keys = Vault.Open();
        var old = await keys.RotateAsync(atOnce: true, default);
        _time.Advance(TimeSpan.FromHours(1));
        var key = await keys.RotateAsync(atOnce: false, default);
        Assert.Equal((_time.GetUtcNow() + SigningKeySchedule.Overlap).ToUnixTimeSeconds(), key.SignsFrom.ToUnixTimeSeconds());
        Assert.Equal([old, key], await keys.ListAsync(default));
        Assert.Equal(old, SigningKeySchedule.Signer(await keys.ListAsync(default), _time.GetUtcNow()));
        _time.Advance(SigningKeySchedule.Overlap + SigningKeySchedule.Retention);
        Assert.Equal([key], await keys.ListAsync(default));
        // A rotation disables what has been retired.
        await keys.RotateAsync(atOnce: true, default);
        Assert.Single(Vault.Versions, v => !v["attributes"]!["enabled"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_version_is_read_once_and_after_that_one_call_tells_what_is_new()
    {
        var keys = Vault.Open();
        await Vault.Open().RotateAsync(atOnce: true, default);
        await keys.ListAsync(default);
        lock (Vault.Asked) Vault.Asked.Clear();
        for (var i = 0; i < 5; i++) await keys.ListAsync(default);
        Assert.Equal(Enumerable.Repeat("GET /secrets/registry-signing-key/versions", 5), Vault.Asked);
    }

    [Fact]
    public async Task A_key_that_was_taken_away_is_disabled_and_the_one_that_signs_stays()
    {
        var keys = Vault.Open();
        var old = await keys.RotateAsync(atOnce: true, default);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SigningKeyRemoval.Signs, await keys.RemoveAsync(old.Id, default));
        var key = await keys.RotateAsync(atOnce: true, default);
        Assert.Equal(SigningKeyRemoval.Removed, await keys.RemoveAsync(old.Id, default));
        Assert.Equal(SigningKeyRemoval.Unknown, await keys.RemoveAsync(old.Id, default));
        Assert.Equal(SigningKeyRemoval.Unknown, await keys.RemoveAsync("../other", default));
        Assert.Equal([key], await keys.ListAsync(default));
    }

    [Fact]
    public async Task Versions_that_are_disabled_or_have_ended_are_no_keys()
    {
        Vault.Add("x", enabled: false);
        Vault.Add("x", expires: _time.GetUtcNow() - TimeSpan.FromSeconds(1));
        var id = Vault.Add(SigningKeySchedule.NewPem());
        Assert.Equal(id, Assert.Single(await Vault.Open().ListAsync(default)).Id);
        Assert.Equal(2, Vault.Asked.Count);
    }

    [Theory]
    [InlineData("a password")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("P-384")]
    public async Task A_version_that_is_no_key_is_named_and_not_quoted(string value)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var id = Vault.Add(value == "P-384" ? other.ExportPkcs8PrivateKeyPem() : value);
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => Vault.Open().ListAsync(default));
        Assert.Contains($"The version {id} of the secret registry-signing-key", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(value, e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task A_vault_that_refuses_is_not_available_and_is_asked_again_later(int status)
    {
        var keys = Vault.Open();
        await keys.RotateAsync(atOnce: true, default);
        Vault.Fault = http =>
        {
            http.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => keys.ListAsync(default));
        Assert.StartsWith("The key vault https://scripted.vault.azure.net/ cannot be used: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tries", e.Message, StringComparison.Ordinal);
        Vault.Fault = _ => Task.FromResult(false);
        Assert.Single(await keys.ListAsync(default));
    }

    [Fact]
    public async Task A_vault_that_is_busy_for_a_moment_is_asked_again_at_once()
    {
        var keys = Vault.Open();
        await keys.RotateAsync(atOnce: true, default);
        var left = 2;
        Vault.Fault = http =>
        {
            if (left-- <= 0) return Task.FromResult(false);
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.FromResult(true);
        };
        Assert.Single(await keys.ListAsync(default));
    }

    [Fact]
    public async Task A_vault_that_never_answers_is_given_up_in_time()
    {
        await Vault.Open().RotateAsync(atOnce: true, default);
        var keys = Vault.Open(s_short);
        Vault.Fault = async http =>
        {
            await ScriptedStorage.NeverAnswerAsync(http);
            return true;
        };
        var watch = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<StorageUnavailableException>(() => keys.ListAsync(default));
        Assert.StartsWith("The key vault https://scripted.vault.azure.net/ cannot be used: ", e.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), watch.Elapsed.ToString());
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keys.ListAsync(stop.Token));
    }
}
