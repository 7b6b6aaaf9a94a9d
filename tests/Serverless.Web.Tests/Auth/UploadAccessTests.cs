using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>An upload session belongs to its repository and to those who may push there.</summary>
public abstract class UploadAccessTests(IStorageKind storage) : AuthTest(storage)
{
    private static readonly byte[] s_content = [1, 2, 3, 4];

    [Fact]
    public async Task A_session_cannot_be_used_by_who_may_push_elsewhere_and_goes_on()
    {
        await AddUserAsync("alice", "victim/*:pull,push");
        await AddUserAsync("mallory", "mine/*:pull,push", "victim/*:pull");
        var (alice, mallory) = (Bearer(await SignInAsync("alice", "repository:victim/app:pull,push")), Bearer(await SignInAsync("mallory", "repository:mine/app:pull,push", "repository:victim/app:pull,push")));
        var location = await StartAsync("victim/app", alice);
        using var begun = await ExpectAsync(Registry.SendAsync("PATCH", location, s_content[..2], MediaTypes.OctetStream, alice), HttpStatusCode.Accepted);
        location = Header(begun, "Location");

        foreach (var (method, body) in s_uses)
        {
            // In its own place one lacks the right, and in another place there is no such session.
            await ExpectAsync(Registry.SendAsync(method, Finish(location, method), body, body is null ? null : MediaTypes.OctetStream, mallory), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            var moved = location.Replace("victim/app", "mine/app", StringComparison.Ordinal);
            await ExpectAsync(Registry.SendAsync(method, Finish(moved, method), body, body is null ? null : MediaTypes.OctetStream, mallory), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }

        using var status = await ExpectAsync(Registry.SendAsync("GET", location, headers: alice), HttpStatusCode.NoContent);
        Assert.Equal("0-1", Header(status, "Range"));
        await ExpectAsync(Registry.SendAsync("PATCH", location, s_content[2..], MediaTypes.OctetStream, alice), HttpStatusCode.Accepted);
        await ExpectAsync(Registry.SendAsync("PUT", Finish(location, "PUT"), headers: alice), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/victim/app/blobs/{RegistryServer.DigestOf(s_content)}", headers: alice), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/mine/app/blobs/{RegistryServer.DigestOf(s_content)}", headers: mallory), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Whoever_may_only_pull_or_delete_sees_nothing_of_a_session()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        await AddUserAsync("reader", "team/*:pull,delete,metadata");
        var location = await StartAsync("team/app", Bearer(await SignInAsync("alice", "repository:team/app:pull,push")));
        var reader = Bearer(await SignInAsync("reader", "repository:team/app:pull,push,delete"));
        foreach (var (method, body) in s_uses)
        {
            foreach (var credentials in ((string, string)[][])[[reader], []])
            {
                Registry.Probe.Reset();
                using var answer = await ExpectAsync(Registry.SendAsync(method, Finish(location, method), body, headers: credentials), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
                Assert.Contains(",scope=\"repository:team/app:pull,push\"", Header(answer, "WWW-Authenticate"), StringComparison.Ordinal);
                Assert.Equal("", Header(answer, "Range") + Header(answer, "Location") + Header(answer, "Docker-Upload-UUID"));
                Assert.Equal((0, 0), Registry.Probe.Counts);
            }
        }
    }

    [Fact]
    public async Task A_session_begins_only_with_the_right_to_push()
    {
        await AddUserAsync("reader", "team/*:pull");
        await AddUserAsync("writer", "team/*:push");
        foreach (var user in (string[])["reader", "writer"])
        {
            var token = Bearer(await SignInAsync(user, "repository:team/app:pull,push"));
            foreach (var query in (string[])["", $"?digest={RegistryServer.DigestOf(s_content)}", $"?mount={RegistryServer.DigestOf(s_content)}&from=team/app"])
            {
                await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/" + query, s_content, MediaTypes.OctetStream, token), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            }
        }

        Assert.Empty(await SnapshotAsync());
    }

    [Fact]
    public async Task A_mount_takes_a_token_for_the_source_too()
    {
        await AddUserAsync("alice", "team/*:pull,push", "base/*:pull,push");
        var source = Bearer(await SignInAsync("alice", "repository:base/app:pull,push"));
        var digest = RegistryServer.DigestOf(s_content);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/base/app/blobs/uploads/?digest={digest}", s_content, MediaTypes.OctetStream, source), HttpStatusCode.Created);
        foreach (var (scopes, status) in ((string[], HttpStatusCode)[])
            [
                (["repository:team/app:pull,push"], HttpStatusCode.Unauthorized),
                (["repository:team/app:pull,push", "repository:base/app:push"], HttpStatusCode.Unauthorized),
                (["repository:team/app:pull,push", "repository:base/app:pull"], HttpStatusCode.Created),
            ])
        {
            var token = Bearer(await SignInAsync("alice", scopes));
            await ExpectAsync(Registry.SendAsync("POST", $"/v2/team/app/blobs/uploads/?mount={digest}&from=base/app", headers: token), status);
        }
    }

    private static readonly (string Method, byte[]? Body)[] s_uses = [("GET", null), ("PATCH", [9, 9]), ("PUT", [9, 9]), ("DELETE", null)];

    private static string Finish(string location, string method) => method == "PUT" ? $"{location}&digest={RegistryServer.DigestOf(s_content)}" : location;

    private async Task<string> StartAsync(string name, (string, string) token)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("POST", $"/v2/{name}/blobs/uploads/", headers: token), HttpStatusCode.Accepted);
        return answer.Headers.Location!.OriginalString;
    }
}

public sealed class UploadAccessTestsInMemory(InMemoryStorage storage) : UploadAccessTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class UploadAccessTestsOnAzurite(AzuriteStorage storage) : UploadAccessTests(storage);
