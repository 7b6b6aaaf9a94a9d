using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>What the audit log has of those who are not let in.</summary>
public abstract class AuditTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task Whoever_shows_nothing_yet_is_not_refused()
    {
        var lines = Registry.CaptureLogs();
        foreach (var (method, path) in ((string, string)[])[("GET", "/v2/"), ("GET", "/v2/team/app/manifests/v1"), ("POST", "/v2/team/app/blobs/uploads/")])
        {
            await ExpectAsync(Registry.SendAsync(method, path), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }

        Assert.Empty(Lines(lines, "Refused"));
        Assert.Contains(Lines(lines, "Asked to sign in"), l => l.Contains("repository:team/app:pull,push by POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_could_show_more_is_not_refused_and_whoever_could_not_is()
    {
        await AddUserAsync("alice", "team/*:pull,push", "base/*:pull");
        var token = await SignInAsync("alice", "repository:team/app:pull,push");
        var lines = Registry.CaptureLogs();
        var mount = $"/v2/team/app/blobs/uploads/?mount={RegistryServer.DigestOf([1])}&from=base/app";
        await ExpectAsync(Registry.SendAsync("POST", mount, headers: Bearer(token)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Empty(Lines(lines, "Refused"));
        await ExpectAsync(Registry.SendAsync("DELETE", "/v2/team/app/manifests/v1", headers: Bearer(token)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Contains("alice (token) repository:team/app:delete by DELETE", Assert.Single(Lines(lines, "Refused")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_credentials_are_refused()
    {
        var lines = Registry.CaptureLogs();
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Bearer("no token")), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Contains("bad credentials", Assert.Single(Lines(lines, "Refused")), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Lines(IEnumerable<string> lines, string word) => [.. lines.Where(l => l.Contains(word, StringComparison.Ordinal))];
}

public sealed class AuditTestsInMemory(InMemoryStorage storage) : AuditTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class AuditTestsOnAzurite(AzuriteStorage storage) : AuditTests(storage);
