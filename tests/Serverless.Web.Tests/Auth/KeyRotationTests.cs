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
        var key = await new SigningKeyStore(Registry.Stores.Tables, Time).RotateAsync(atOnce: false, default);

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
        var key = await new SigningKeyStore(Registry.Stores.Tables, Time).RotateAsync(atOnce: false, default);
        Time.Advance(SigningKeySchedule.Overlap);
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
        var key = (await keys.RotateAsync(atOnce: false, default)).Id;
        Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal([old, key], await PublishedAsync());
        Time.Advance(SigningKeySchedule.Overlap + SigningKeySchedule.Retention);
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

    [Fact]
    public async Task A_key_that_signs_at_once_is_believed_by_instances_that_have_not_read_it_yet()
    {
        await using var other = await StartAnotherAsync();
        await AddUserAsync("alice", "team/*:pull");
        var old = await SignInAsync("alice");
        await AcceptedAsync(other, old);
        var key = await Keys.RotateAsync(atOnce: true, default);
        Time.Advance(TimeSpan.FromSeconds(30));
        await using var late = await StartAnotherAsync();
        var token = await SignInAsync(late, "alice");
        Assert.Equal(key.Id, KeyId(token));
        await AcceptedAsync(other, token);
        await AcceptedAsync(other, old);
        await AcceptedAsync(Registry, token);
        Assert.Equal(key.Id, KeyId(await SignInAsync("alice")));
    }

    [Fact]
    public async Task Tokens_with_names_of_keys_that_nobody_has_cost_two_readings_a_minute()
    {
        await AddUserAsync("alice", "team/*:pull");
        await AcceptedAsync(Registry, await SignInAsync("alice"));
        using var forge = await TokenForge.OfAsync(Registry, Time);
        Registry.Probe.Reset();
        for (var i = 0; i < 12; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(5));
            for (var j = 0; j < 5; j++) await RefusedAsync(Registry, forge.Make(h => h["kid"] = $"k{i}-{j}", with: s_stranger));
        }

        Assert.InRange(Registry.Probe.Counts.Table, 1, 2);
    }

    [Fact]
    public async Task A_key_that_was_taken_away_dies_with_the_next_reading_and_the_tokens_that_are_remembered_with_it()
    {
        await using var other = await StartAnotherAsync();
        await AddUserAsync("alice", "team/*:pull");
        var old = (await Keys.ListAsync(default))[0].Id;
        using var forge = await TokenForge.OfAsync(Registry, Time);
        await AcceptedAsync(Registry, forge.Make());
        Assert.Equal(SigningKeyRemoval.Signs, await Keys.RemoveAsync(old, default));
        Assert.Equal(SigningKeyRemoval.Unknown, await Keys.RemoveAsync("k7", default));
        await Keys.RotateAsync(atOnce: true, default);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SigningKeyRemoval.Removed, await Keys.RemoveAsync(old, default));
        Assert.Equal(SigningKeyRemoval.Unknown, await Keys.RemoveAsync(old, default));

        // Verified with the old keys just before they are read again, and so remembered.
        Time.Advance(TimeSpan.FromMinutes(4.9));
        var forged = forge.Make();
        await AcceptedAsync(Registry, forged);
        Time.Advance(TimeSpan.FromMinutes(0.2));
        await RefusedAtLastAsync(Registry, forged, () => SignInAsync("alice"));
        // Whoever was not asked for ten minutes reads before it answers.
        await AcceptedAsync(other, await SignInAsync("alice"));
        Time.Advance(TimeSpan.FromMinutes(10));
        await RefusedAsync(other, forge.Make());
        await using var late = await StartAnotherAsync();
        await RefusedAsync(late, forge.Make());
    }

    private static readonly System.Security.Cryptography.ECDsa s_stranger = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);

    private SigningKeyStore Keys => new(Registry.Stores.Tables, Time);

    private static async Task<string> SignInAsync(RegistryServer registry, string user)
    {
        using var answer = await ExpectAsync(registry.SendAsync("GET", "/token?service=test-registry", headers: Basic(user, Password)), HttpStatusCode.OK);
        return await PropertyAsync(answer, "token");
    }

    private static async Task RefusedAsync(RegistryServer registry, string token) =>
        (await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.Unauthorized)).Dispose();

    // The keys are read while requests go on with the old ones.
    private static async Task RefusedAtLastAsync(RegistryServer registry, string token, Func<Task> ask)
    {
        for (var i = 0; i < 100; i++)
        {
            await ask();
            using var answer = await registry.SendAsync("GET", "/v2/", headers: Bearer(token));
            if (answer.StatusCode == HttpStatusCode.Unauthorized) return;
            await Task.Delay(50);
        }

        Assert.Fail("The token is still believed.");
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
