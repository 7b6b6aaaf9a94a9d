using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>What signing in costs, in calls to storage.</summary>
public abstract class TokenCostTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task Checking_a_token_costs_no_call_to_storage()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        var token = await SignInAsync("alice", "repository:team/app:pull,push");
        var digest = RegistryServer.DigestOf([1]);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/team/app/blobs/uploads/?digest={digest}", [1], MediaTypes.OctetStream, Bearer(token)), HttpStatusCode.Created);
        Registry.Probe.Reset();
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.OK);
        Assert.Equal((0, 0), Registry.Probe.Counts);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/team/app/blobs/{digest}", headers: Bearer(token)), HttpStatusCode.TemporaryRedirect);
        Assert.Equal((1, 0), Registry.Probe.Counts);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/other/app/blobs/{digest}", headers: Bearer(token)), HttpStatusCode.Unauthorized);
        Assert.Equal((1, 0), Registry.Probe.Counts);
    }

    [Fact]
    public async Task A_token_costs_a_call_for_each_scope_map_of_the_account_in_two_steps_whatever_maps_there_are()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        for (var i = 0; i < 20; i++) await ScopeMaps.SetAsync($"other{i}", new([AccessRule.Parse($"other{i}/*:pull")]), default);
        await Accounts.ChangeAsync(AccountName.Parse("alice"), a => a with { Scopes = [.. a.Scopes, "other1", "other2", "gone"] }, default);
        await SignInAsync("alice", "repository:team/app:pull");
        Registry.Probe.Reset();
        Registry.Probe.Delay = TimeSpan.FromMilliseconds(100);
        await SignInAsync("alice", "repository:team/app:pull repository:other2/app:pull");
        Assert.Equal((CountedCalls.Of("token").Table + 3, 0), Registry.Probe.Counts);
        Assert.Equal(2, Registry.Probe.Steps);
    }

    [Fact]
    public async Task A_token_costs_three_calls_to_storage_and_three_more_once_an_hour()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        await SignInAsync("alice", "repository:team/app:pull");
        Registry.Probe.Reset();
        await SignInAsync("alice", "repository:team/app:pull");
        Assert.Equal(CountedCalls.Of("token"), Registry.Probe.Counts);

        Time.Advance(TimeSpan.FromMinutes(61));
        Registry.Probe.Reset();
        await SignInAsync("alice", "repository:team/app:pull");
        // Account, its scope map and that of everybody; reading and writing the note that the account was used; the signing keys.
        Assert.Equal(CountedCalls.Of("token", 1, "tokenOnceAnHour"), Registry.Probe.Counts);
    }
}

public sealed class TokenCostTestsInMemory(InMemoryStorage storage) : TokenCostTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class TokenCostTestsOnAzurite(AzuriteStorage storage) : TokenCostTests(storage);
