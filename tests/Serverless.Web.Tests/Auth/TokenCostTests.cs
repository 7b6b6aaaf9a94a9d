using System.Net;
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
    public async Task A_token_costs_two_calls_to_storage_and_three_more_once_an_hour()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        await SignInAsync("alice", "repository:team/app:pull");
        Registry.Probe.Reset();
        await SignInAsync("alice", "repository:team/app:pull");
        Assert.Equal(CountedCalls.Of("token"), Registry.Probe.Counts);

        Time.Advance(TimeSpan.FromMinutes(61));
        Registry.Probe.Reset();
        await SignInAsync("alice", "repository:team/app:pull");
        // Account and scope maps; reading and writing the note that the account was used; the signing keys.
        Assert.Equal(CountedCalls.Of("token", 1, "tokenOnceAnHour"), Registry.Probe.Counts);
    }
}

public sealed class TokenCostTestsInMemory(InMemoryStorage storage) : TokenCostTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class TokenCostTestsOnAzurite(AzuriteStorage storage) : TokenCostTests(storage);
