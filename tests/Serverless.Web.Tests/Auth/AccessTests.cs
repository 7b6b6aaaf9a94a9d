using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Auth;
using Serverless.Web.Routing;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public sealed class RequiredAccessTests
{
    private const string Zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("GET", "/v2/", "SignedIn")]
    [InlineData("GET", "/v2/_catalog", "Catalog")]
    [InlineData("GET", "/api/v1/openapi.json", "SignedIn")]
    [InlineData("GET", "/api/v1/imports", "SignedIn")]
    [InlineData("POST", "/api/v1/imports", "SignedIn")]
    [InlineData("GET", "/api/v1/imports/x", "SignedIn")]
    [InlineData("DELETE", "/api/v1/imports/x", "SignedIn")]
    [InlineData("GET", "/v2/a/tags/list", "Metadata")]
    [InlineData("GET", "/v2/a/referrers/" + Zeros, "Metadata")]
    [InlineData("GET", "/v2/a/manifests/v1", "Pull")]
    [InlineData("HEAD", "/v2/a/manifests/v1", "Pull")]
    [InlineData("PUT", "/v2/a/manifests/v1", "Pull, Push")]
    [InlineData("DELETE", "/v2/a/manifests/v1", "Delete")]
    [InlineData("GET", "/v2/a/blobs/" + Zeros, "Pull")]
    [InlineData("DELETE", "/v2/a/blobs/" + Zeros, "Delete")]
    [InlineData("POST", "/v2/a/blobs/uploads/", "Pull, Push")]
    [InlineData("GET", "/v2/a/blobs/uploads/id", "Pull, Push")]
    [InlineData("PATCH", "/v2/a/blobs/uploads/id", "Pull, Push")]
    [InlineData("PUT", "/v2/a/blobs/uploads/id", "Pull, Push")]
    [InlineData("DELETE", "/v2/a/blobs/uploads/id", "Pull, Push")]
    [InlineData("BREW", "/v2/a/manifests/v1", "Pull, Push")]
    public void Access_follows_from_route_and_method(string method, string path, string actions)
    {
        var access = RequiredAccess.Of(RouteParser.Parse(path)!, method);
        Assert.Equal(Enum.Parse<RepositoryActions>(actions), access.Actions);
        Assert.Equal(path is "/v2/" or "/v2/_catalog" || path.StartsWith("/api/", StringComparison.Ordinal) ? null : "a", access.Repository?.ToString());
    }

    [Fact]
    public void Every_route_has_a_rule()
    {
        var name = RepositoryName.Parse("a");
        var routes = typeof(RegistryRoute).GetNestedTypes().Where(type => !type.IsAbstract)
            .Select(type => (RegistryRoute)Activator.CreateInstance(type, [.. type.GetConstructors()[0].GetParameters().Select(p => p.ParameterType == typeof(string) ? "x" : (object)name)])!)
            .ToList();
        Assert.True(routes.Count >= 9);
        foreach (var route in routes)
        {
            Assert.StartsWith("/", RouteFamily.Of(route), StringComparison.Ordinal);
            Assert.Equal(RequiredAccess.Of(route, "GET").Repository, RouteFamily.Repository(route));
            foreach (var method in (string[])["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
            {
                var access = RequiredAccess.Of(route, method);
                Assert.Equal(route is RegistryRoute.Ready or RegistryRoute.Health or RegistryRoute.Metrics or RegistryRoute.Token or RegistryRoute.TokenExchange or RegistryRoute.SigningKeys or RegistryRoute.Page, access == RequiredAccess.None);
            }
        }
    }
}

public abstract class AccessTests(IStorageKind storage)
{
    private const string Zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("GET", "/v2/")]
    [InlineData("GET", "/v2/_catalog")]
    [InlineData("GET", "/v2/a/tags/list")]
    [InlineData("GET", "/v2/a/referrers/" + Zeros)]
    [InlineData("DELETE", "/v2/a/blobs/" + Zeros)]
    [InlineData("GET", "/v2/a/manifests/v1")]
    [InlineData("HEAD", "/v2/a/manifests/v1")]
    [InlineData("PUT", "/v2/a/manifests/v1")]
    [InlineData("GET", "/v2/a/blobs/" + Zeros)]
    [InlineData("GET", "/v2/a/blobs/sha256%3a0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("HEAD", "/v2/a/blobs/" + Zeros)]
    [InlineData("POST", "/v2/a/blobs/uploads/")]
    [InlineData("POST", "/v2/a/blobs/uploads")]
    [InlineData("PATCH", "/v2/a/blobs/uploads/00000000000000000000000000000000")]
    [InlineData("PUT", "/v2/a/blobs/uploads/00000000000000000000000000000000")]
    [InlineData("DELETE", "/v2/a/blobs/uploads/00000000000000000000000000000000")]
    [InlineData("DELETE", "/v2/a/manifests/v1")]
    [InlineData("BREW", "/v2/a/manifests/v1")]
    [InlineData("GET", "/api/v1/openapi.json")]
    [InlineData("GET", "/api/v1/imports")]
    [InlineData("GET", "/api/v1/imports?all")]
    [InlineData("POST", "/api/v1/imports")]
    [InlineData("GET", "/api/v1/imports/00000000000000000000000000000000")]
    [InlineData("DELETE", "/api/v1/imports/00000000000000000000000000000000")]
    public async Task A_request_that_may_not_be_made_reaches_no_endpoint_and_no_storage(string method, string path)
    {
        var time = new ManualTimeProvider(startNow: true);
        await using var registry = await RegistryServer.StartAsync(storage.NewStores(time), time, new TestAuthenticator(), null);
        using var answer = await registry.SendAsync(method, path, method is "PUT" or "PATCH" ? [1] : null);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal((0, 0), registry.Probe.Counts);
    }

    [Fact]
    public async Task What_may_not_be_read_looks_the_same_whether_it_is_there_or_not()
    {
        var time = new ManualTimeProvider(startNow: true);
        var stores = storage.NewStores(time);
        await using var open = await RegistryServer.StartAsync(stores, time);
        var image = await open.PrepareImageAsync("private/app");
        using var put = await open.PutManifestAsync("private/app", "v1", image);
        await using var closed = await RegistryServer.StartAsync(stores, time, new TestAuthenticator("public/*:*"), null);
        foreach (var path in (string[])["manifests/v1", $"manifests/{image.Digest}", $"blobs/{image.Content.Blobs[0].Digest}", "tags/list", $"referrers/{image.Digest}"])
        {
            using var there = await closed.SendAsync("GET", $"/v2/private/app/{path}");
            using var missing = await closed.SendAsync("GET", $"/v2/private/none/{path}");
            Assert.Equal(HttpStatusCode.Forbidden, there.StatusCode);
            Assert.Equal(missing.StatusCode, there.StatusCode);
            Assert.Equal(await missing.Content.ReadAsStringAsync(), await there.Content.ReadAsStringAsync());
            Assert.Equal(missing.Headers.Where(h => h.Key != "Date").Select(h => h.Key), there.Headers.Where(h => h.Key != "Date").Select(h => h.Key));
        }

        Assert.Equal((0, 0), closed.Probe.Counts);
    }

    [Fact]
    public async Task The_root_is_open_to_everybody()
    {
        var time = new ManualTimeProvider(startNow: true);
        await using var registry = await RegistryServer.StartAsync(storage.NewStores(time), time, new TestAuthenticator(), null);
        using var answer = await registry.SendAsync("GET", "/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_mount_needs_the_right_to_pull_from_its_source_and_tells_nothing_without()
    {
        var time = new ManualTimeProvider(startNow: true);
        var stores = storage.NewStores(time);
        await using var open = await RegistryServer.StartAsync(stores, time);
        var digest = await open.PushBlobAsync("private", [1, 2, 3]);
        var authenticator = new TestAuthenticator("mine:*");
        await using var registry = await RegistryServer.StartAsync(stores, time, authenticator, null);
        using var upload = await registry.SendAsync("POST", "/v2/mine/blobs/uploads/");
        foreach (var source in (string[])["&from=private", "&from=none", ""])
        {
            using var answer = await registry.SendAsync("POST", $"/v2/mine/blobs/uploads/?mount={digest}{source}");
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            Assert.Equal(upload.Headers.Select(h => h.Key), answer.Headers.Select(h => h.Key));
            Assert.Empty(await answer.Content.ReadAsStringAsync());
        }
    }
}

public sealed class AccessTestsInMemory(InMemoryStorage storage) : AccessTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class AccessTestsOnAzurite(AzuriteStorage storage) : AccessTests(storage);
