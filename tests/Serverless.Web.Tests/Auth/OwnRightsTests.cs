using System.Buffers.Text;
using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>What a token does not say is looked up where it is needed, and nowhere else.</summary>
public abstract class OwnRightsTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task A_token_tells_nothing_of_what_else_its_owner_may_see()
    {
        await AddUserAsync("alice", "team/*:pull,push", "secret-project/*:pull");
        var token = await SignInAsync("alice", "repository:team/app:pull");
        Assert.DoesNotContain("secret-project", System.Text.Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_catalog_and_a_mount_cost_the_look_at_an_account_and_its_scope_maps_and_a_token_that_says_enough_costs_none()
    {
        await AddUserAsync("alice", "team/*:pull,push", "other/*:pull");
        await AddUserAsync("admin", "*:*", "registry:catalog:*");
        var (alice, admin) = (await SignInAsync("alice", "repository:team/app:pull,push"), await SignInAsync("admin", "registry:catalog:*"));
        var both = await SignInAsync("alice", "repository:team/app:pull,push", "repository:other/app:pull");
        var mount = $"/v2/team/app/blobs/uploads/?mount={Digest.Compute(DigestAlgorithm.Sha256, [])}&from=other/app";
        // What is read once in a process.
        await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog", headers: Bearer(admin)), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("POST", mount, headers: Bearer(both)), HttpStatusCode.Accepted);

        var catalog = await CountAsync("GET", "/v2/_catalog", admin, HttpStatusCode.OK);
        // The account; then its scope map and that of everybody, side by side.
        Assert.Equal((catalog.Calls + 3, catalog.Steps + 2), await CountAsync("GET", "/v2/_catalog", alice, HttpStatusCode.OK));
        Assert.Equal((3, 2), await CountAsync("POST", mount, alice, HttpStatusCode.Unauthorized));
        // Where nothing can be mounted an upload begins, which costs nothing.
        Assert.Equal((3, 2), await CountAsync("POST", mount.Replace("other/app", "none/app", StringComparison.Ordinal), alice, HttpStatusCode.Accepted));
    }

    [Fact]
    public async Task Who_is_locked_out_sees_nothing_more_by_a_token_that_he_still_has()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        var token = await SignInAsync("alice");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog", headers: Bearer(token)), HttpStatusCode.OK);
        await Accounts.ChangeAsync(Serverless.Registry.Access.AccountName.Parse("alice"), a => a with { Disabled = true }, default);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog", headers: Bearer(token)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    private async Task<(int Calls, int Steps)> CountAsync(string method, string path, string token, HttpStatusCode status)
    {
        Registry.Probe.Reset();
        Registry.Probe.Delay = TimeSpan.FromMilliseconds(100);
        await ExpectAsync(Registry.SendAsync(method, path, headers: Bearer(token)), status);
        return (Registry.Probe.Counts.Table + Registry.Probe.Counts.Object, Registry.Probe.Steps);
    }
}

public sealed class OwnRightsTestsInMemory(InMemoryStorage storage) : OwnRightsTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class OwnRightsTestsOnAzurite(AzuriteStorage storage) : OwnRightsTests(storage);
