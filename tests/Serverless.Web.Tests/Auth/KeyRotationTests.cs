using System.Net;
using System.Text.Json;
using Serverless.Registry.Accounts;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>The keys that sign the registry's own tokens, on several instances.</summary>
public abstract class KeyRotationTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task Tokens_of_one_instance_hold_at_another()
    {
        await using var other = await StartAnotherAsync();
        await AddUserAsync("alice", "team/*:pull");
        await AcceptedAsync(other, await SignInAsync("alice"));
        await AcceptedAsync(Registry, await SignInAsync("alice"));
    }

    [Fact]
    public async Task A_new_key_is_known_everywhere_before_it_signs_and_the_old_one_holds_on()
    {
        await using var other = await StartAnotherAsync();
        await AddUserAsync("alice", "team/*:pull");
        var first = await SignInAsync("alice");
        await AcceptedAsync(other, first);
        var key = await new SigningKeyStore(Registry.Stores.Tables, Time).RotateAsync(default);

        for (var minute = 0; minute < 30; minute++)
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            var token = await SignInAsync("alice");
            await AcceptedAsync(Registry, token);
            await AcceptedAsync(other, token);
            // An instance that has slept all the time, too.
            if (minute is 0 or 14 or 15 or 29)
            {
                await using var late = await StartAnotherAsync();
                await AcceptedAsync(late, token);
            }

            Assert.Equal(minute >= 14, KeyId(token) == key.Id);
            if (minute == 0) await AcceptedAsync(other, first);
        }

        Assert.NotEqual(key.Id, KeyId(first));
    }

    [Fact]
    public async Task An_instance_that_nobody_has_asked_for_long_knows_the_new_key()
    {
        await using var other = await StartAnotherAsync();
        await AddUserAsync("alice", "team/*:pull");
        await AcceptedAsync(other, await SignInAsync("alice"));
        var key = await new SigningKeyStore(Registry.Stores.Tables, Time).RotateAsync(default);
        Time.Advance(SigningKeyStore.Overlap);
        var token = await SignInAsync("alice");
        Assert.Equal(key.Id, KeyId(token));
        await AcceptedAsync(other, token);
    }

    [Fact]
    public async Task Both_keys_are_published_until_the_old_one_is_retired()
    {
        await AddUserAsync("alice", "team/*:pull");
        await SignInAsync("alice");
        var keys = new SigningKeyStore(Registry.Stores.Tables, Time);
        var old = (await keys.ListAsync(default))[0].Id;
        var key = (await keys.RotateAsync(default)).Id;
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([old, key], await PublishedAsync());
        Time.Advance(SigningKeyStore.Overlap + SigningKeyStore.Retention);
        Assert.Equal([key], await PublishedAsync());
    }

    [Fact]
    public async Task Keys_that_cannot_be_read_for_a_moment_stop_nobody()
    {
        await AddUserAsync("alice", "team/*:pull");
        var token = await SignInAsync("alice");
        Time.Advance(TimeSpan.FromMinutes(5));
        Registry.Probe.Reset();
        Registry.Probe.FailAt(0, Testing.StorageFault.Unavailable);
        await AcceptedAsync(Registry, token);
        for (var i = 0; i < 100 && Registry.Probe.Counts.Table == 0; i++) await Task.Delay(20);
        Assert.Equal(1, Registry.Probe.Counts.Table);
        await Task.Delay(100);
        // The second attempt finds them.
        Time.Advance(TimeSpan.FromMinutes(5));
        await AcceptedAsync(Registry, await SignInAsync("alice"));
    }

    [Fact]
    public async Task Instances_that_start_together_make_one_key()
    {
        var others = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAnotherAsync()));
        try
        {
            var published = await Task.WhenAll(others.Select(o => o.Client.GetStringAsync(new Uri("/.well-known/jwks.json", UriKind.Relative))));
            Assert.Single(published.Distinct());
        }
        finally
        {
            foreach (var other in others) await other.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<string>> PublishedAsync()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/.well-known/jwks.json"), HttpStatusCode.OK);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return [.. json.RootElement.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("kid").GetString()!)];
    }

    private static async Task AcceptedAsync(RegistryServer registry, string token) =>
        (await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.OK)).Dispose();

    private static string KeyId(string token)
    {
        using var json = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]));
        return json.RootElement.GetProperty("kid").GetString()!;
    }
}

public sealed class KeyRotationTestsInMemory(InMemoryStorage storage) : KeyRotationTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class KeyRotationTestsOnAzurite(AzuriteStorage storage) : KeyRotationTests(storage);
