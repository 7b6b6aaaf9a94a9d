using System.Globalization;
using System.Net;
using Serverless.Registry.Oci;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>How much each account and each address may pull in a minute.</summary>
public abstract class PullLimitTests(IStorageKind storage) : AuthTest(storage)
{
    private const int LayerSize = 5000;

    // Behind one proxy, so that a test can be sent from anywhere.
    protected override string[] Settings =>
    [
        "Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Proxies=1", "Auth:Anonymous:0=public/*:pull",
        "Pulls:PerAddress:Requests=4", "Pulls:PerAddress:Bytes=10000", "Pulls:PerAccount:Requests=6", "Pulls:PerAccount:Bytes=4000",
    ];

    [Fact]
    public async Task Whoever_pulls_too_often_is_refused_without_a_call_to_storage_until_the_time_that_he_is_told()
    {
        await PushAsync("public/app");
        var token = await SignInAsync(null, "repository:public/app:pull");
        string[] paths = ["manifests/v1", "tags/list", "manifests/unknown", "manifests/v1"];
        foreach (var path in paths) (await PullAsync("10.0.0.1", token, path)).Dispose();

        Registry.Probe.Reset();
        foreach (var path in paths)
        {
            using var refused = await ExpectAsync(PullAsync("10.0.0.1", token, path), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
            Assert.Equal("15", Header(refused, "Retry-After"));
        }

        Assert.Equal(0, Registry.Probe.Counts.Table + Registry.Probe.Counts.Object);
        await ExpectAsync(PullAsync("10.0.0.2", token, "manifests/v1"), HttpStatusCode.OK);
        await ExpectAsync(PullAsync("10.0.0.1", token, "manifests/v1", "HEAD"), HttpStatusCode.OK);

        Time.Advance(TimeSpan.FromSeconds(15));
        await ExpectAsync(PullAsync("10.0.0.1", token, "manifests/v1"), HttpStatusCode.OK);
        await ExpectAsync(PullAsync("10.0.0.1", token, "manifests/v1"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var path in paths) Assert.NotEqual(HttpStatusCode.TooManyRequests, (await PullAsync("10.0.0.1", token, path)).StatusCode);
    }

    [Fact]
    public async Task Of_pulls_that_are_sent_at_once_no_more_are_answered_than_of_those_one_after_the_other()
    {
        await PushAsync("public/app");
        var token = await SignInAsync(null, "repository:public/app:pull");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PullAsync("10.0.0.1", token, "manifests/v1")));
        Assert.Equal(4, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Bytes_count_whether_they_are_served_or_storage_sends_them(string redirect)
    {
        await using var other = await StartAnotherAsync("Redirect:Enabled=" + redirect);
        var layer = await PushAsync("public/app");
        var token = await SignInAsync(null, "repository:public/app:pull");
        Task<HttpResponseMessage> Get(string? range = null) => other.SendAsync(
            "GET", $"/v2/public/app/blobs/{layer}", headers: [("X-Forwarded-For", "10.0.0.1"), Bearer(token), .. range is null ? Array.Empty<(string, string)>() : [("Range", range)]]);
        await AssertHadAsync(Get("bytes=0-99"));
        await AssertHadAsync(Get());
        // 4,900 bytes are left: a layer is had whole or not at all.
        await AssertHadAsync(Get());
        using var refused = await ExpectAsync(Get(), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        Assert.Equal("1", Header(refused, "Retry-After"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await AssertHadAsync(Get());
    }

    [Fact]
    public async Task More_than_a_minute_s_bytes_are_had_once_and_paid_off_in_the_minutes_after()
    {
        var layer = await PushAsync("team/app");
        await AddUserAsync("alice", "team/*:pull");
        var token = await SignInAsync("alice", "repository:team/app:pull");
        await AssertHadAsync(PullAsync("10.0.0.1", token, $"blobs/{layer}", repository: "team/app"));
        // By account: from wherever.
        using var refused = await ExpectAsync(PullAsync("10.0.0.2", token, $"blobs/{layer}", repository: "team/app"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        Assert.Equal("16", Header(refused, "Retry-After"));
        Time.Advance(TimeSpan.FromSeconds(int.Parse(Header(refused, "Retry-After"), CultureInfo.InvariantCulture)));
        await AssertHadAsync(PullAsync("10.0.0.2", token, $"blobs/{layer}", repository: "team/app"));
    }

    [Fact]
    public async Task Lists_count_by_what_was_sent_of_them()
    {
        await using var other = await StartAnotherAsync("Pulls:PerAddress:Bytes=1");
        await PushAsync("public/app");
        var token = await SignInAsync(null, "repository:public/app:pull");
        Task<HttpResponseMessage> List() => other.SendAsync("GET", "/v2/public/app/tags/list", headers: [("X-Forwarded-For", "10.0.0.1"), Bearer(token)]);
        await ExpectAsync(List(), HttpStatusCode.OK);
        await ExpectAsync(List(), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
    }

    [Fact]
    public async Task Accounts_and_addresses_do_not_pay_for_each_other()
    {
        await PushAsync("public/app");
        foreach (var user in (string[])["alice", "bob"]) await AddUserAsync(user, "public/*:pull");
        var (alice, bob, anybody) = (await SignInAsync("alice", "repository:public/app:pull"), await SignInAsync("bob", "repository:public/app:pull"), await SignInAsync(null, "repository:public/app:pull"));
        for (var i = 0; i < 6; i++) await ExpectAsync(PullAsync("10.0.0.1", alice, "manifests/v1"), HttpStatusCode.OK);
        await ExpectAsync(PullAsync("10.0.0.1", alice, "manifests/v1"), HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS");
        await ExpectAsync(PullAsync("10.0.0.1", bob, "manifests/v1"), HttpStatusCode.OK);
        await ExpectAsync(PullAsync("10.0.0.1", anybody, "manifests/v1"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pushes_are_not_limited()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        var token = await SignInAsync("alice", "repository:team/app:pull,push");
        for (var i = 0; i < 8; i++)
        {
            using var start = await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: [Bearer(token)]), HttpStatusCode.Accepted);
            await ExpectAsync(Registry.SendAsync("GET", start.Headers.Location!.ToString(), headers: [Bearer(token)]), HttpStatusCode.NoContent);
        }
    }

    private static async Task AssertHadAsync(Task<HttpResponseMessage> answer) =>
        Assert.Contains((await answer).StatusCode, (HttpStatusCode[])[HttpStatusCode.OK, HttpStatusCode.PartialContent, HttpStatusCode.TemporaryRedirect]);

    private Task<HttpResponseMessage> PullAsync(string address, string token, string path, string method = "GET", string repository = "public/app") =>
        Registry.SendAsync(method, $"/v2/{repository}/{path}", headers: [("X-Forwarded-For", address), Bearer(token)]);

    // By an open instance on the same storage.
    private async Task<Digest> PushAsync(string repository)
    {
        await using var open = await RegistryServer.StartAsync(Registry.Stores, Time);
        await ExpectAsync(open.PutManifestAsync(repository, "v1", await open.PrepareImageAsync(repository)), HttpStatusCode.Created);
        return await open.PushBlobAsync(repository, new byte[LayerSize]);
    }
}

public sealed class PullLimitTestsInMemory(InMemoryStorage storage) : PullLimitTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class PullLimitTestsOnAzurite(AzuriteStorage storage) : PullLimitTests(storage);
