using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Tests.Outbound;
using Serverless.Web.Tests.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Mirrors;

/// <summary>Whatever an upstream does, nothing wrong is stored, nobody is sent the whole of something wrong, and nobody else learns the password.</summary>
public sealed class MirrorFaultTests(InMemoryStorage storage) : MirrorTest(storage), IClassFixture<InMemoryStorage>
{
    [Theory]
    [InlineData(1_000)]
    [InlineData(5_000_000)]
    public async Task A_blob_that_breaks_off_is_neither_stored_nor_served_whole(int size)
    {
        var content = RegistryServer.RandomBytes(size);
        var digest = await Upstream.PushBlobAsync(Remote, content);
        Fault = async http =>
        {
            http.Response.ContentLength = size;
            await http.Response.Body.WriteAsync(content.AsMemory(0, size / 2));
            await http.Response.Body.FlushAsync();
            http.Abort();
            return true;
        };
        await AssertNotServedAsync(digest, size);
        await HealAsync();
        Assert.Equal(content, await BlobAsync(Registry, digest));
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(5_000_000, true)]
    [InlineData(5_000_000, false)]
    public async Task A_blob_with_another_digest_is_neither_stored_nor_served_whole(int size, bool saysLength)
    {
        var content = RegistryServer.RandomBytes(size);
        var digest = await Upstream.PushBlobAsync(Remote, content);
        Fault = async http =>
        {
            if (saysLength) http.Response.ContentLength = size;
            await http.Response.Body.WriteAsync(new byte[size]);
            return true;
        };
        await AssertNotServedAsync(digest, size);
        await HealAsync();
        Assert.Equal(content, await BlobAsync(Registry, digest));
    }

    [Fact]
    public async Task A_manifest_with_another_digest_is_neither_stored_nor_served()
    {
        var (one, two) = (await PushAsync(), await PushAsync("v2"));
        Fault = async http =>
        {
            http.Response.ContentType = two.MediaType;
            http.Response.Headers["Docker-Content-Digest"] = one.Digest.ToString();
            await http.Response.Body.WriteAsync(two.Payload);
            return true;
        };
        using (var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/{one.Digest}")) Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Empty((await StoreAudit.ReadAsync(Registry.Stores)).Rows);
        await HealAsync();
        await PullAsync(Registry, one.Digest.ToString());
    }

    [Theory]
    [InlineData("{\"schemaVersion\":2}")]
    [InlineData("<html>maintenance</html>")]
    [InlineData("")]
    public async Task What_is_no_manifest_is_not_served(string body)
    {
        await PushAsync();
        Fault = async http =>
        {
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync(body);
            return true;
        };
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1");
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Empty((await StoreAudit.ReadAsync(Registry.Stores)).Rows);
    }

    [Fact]
    public async Task One_that_hangs_is_given_up()
    {
        var image = await PushAsync();
        await using var registry = await StartAnotherAsync("Mirror:hub:Timeout=00:00:02");
        Fault = async http =>
        {
            await Task.WhenAny(Task.Delay(Timeout.Infinite, http.RequestAborted));
            return true;
        };
        foreach (var path in (string[])["manifests/v1", $"blobs/{image.Content.Blobs[1].Digest}"])
        {
            using var answer = await GetAsync(registry, $"/v2/{Here}/{path}");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        await HealAsync();
        await PullAsync(Registry, "v1");
    }

    [Fact]
    public async Task One_that_wants_peace_gets_it_and_the_client_is_told_when_to_come_back()
    {
        var image = await PushAsync();
        Fault = http =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers.RetryAfter = "30";
            return Task.FromResult(true);
        };
        for (var i = 0; i < 3; i++)
        {
            foreach (var path in (string[])["manifests/v1", $"blobs/{image.Content.Blobs[1].Digest}"])
            {
                using var answer = await GetAsync(Registry, $"/v2/{Here}/{path}");
                Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
            }
        }

        Assert.Single(Asked);
        Fault = _ => Task.FromResult(false);
        Time.Advance(TimeSpan.FromSeconds(31));
        await PullAsync(Registry, "v1");
    }

    [Fact]
    public async Task Reads_that_are_used_up_are_not_tried()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        await PushAsync();
        Time.Advance(TimeSpan.FromHours(2));
        Forget();
        Fault = http =>
        {
            http.Response.OnStarting(() =>
            {
                http.Response.Headers["RateLimit-Remaining"] = "0;w=21600";
                return Task.CompletedTask;
            });
            return Task.FromResult(false);
        };
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1");
        Assert.Equal((HttpStatusCode.OK, true), (answer.StatusCode, answer.Headers.Contains("Warning")));
        Assert.Equal([$"HEAD /v2/{Remote}/manifests/v1"], Asked);
    }

    [Fact]
    public async Task Who_may_not_read_there_does_not_read_here()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        Time.Advance(TimeSpan.FromHours(2));
        Fault = http =>
        {
            http.Response.StatusCode = 403;
            return Task.FromResult(true);
        };
        using var answer = await GetAsync(Registry, $"/v2/{Here}/manifests/v1");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(answer.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task Read_only_serves_what_is_here()
    {
        await PushAsync();
        await PullAsync(Registry, "v1");
        await using var readOnly = await StartAnotherAsync("ReadOnly=true");
        Time.Advance(TimeSpan.FromHours(2));
        await PullAsync(readOnly, "v1");
        await PushAsync("v2");
        using var answer = await GetAsync(readOnly, $"/v2/{Here}/manifests/v2");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Fact]
    public async Task Where_a_blob_is_sent_to_nobody_is_told_the_password()
    {
        var content = RegistryServer.RandomBytes(1000);
        var digest = RegistryClient.DigestOf(content);
        await using var server = await ScriptedRegistry.StartAsync();
        var network = new FakeNetwork(server.Url.GetLeftPart(UriPartial.Authority)).Name("registry.test", "93.184.216.34").Name("other.test", "93.184.216.35");
        server.Answer = http =>
        {
            if (http.Request.Host.Host == "other.test") return http.Response.Body.WriteAsync(content).AsTask();
            if (http.Request.Headers.Authorization.Count == 0) return ScriptedRegistry.Challenge(http, "Basic realm=\"x\"");
            http.Response.Redirect("http://other.test/signed");
            return Task.CompletedTask;
        };
        await using var registry = await RegistryServer.StartChangedAsync(
            storage.NewStores(Time), Time, services => services.AddSingleton(network.Network), null,
            "Mirror:hub:Prefix=hub/", "Mirror:hub:Remote=http://registry.test", "Mirror:hub:User=alice", "Mirror:hub:Password=secret", "Outbound:Allow:0=registry.test", "Outbound:Allow:1=other.test");
        Assert.Equal(content, await BlobAsync(registry, digest));
        Assert.Contains(server.Asked, a => a.StartsWith("registry.test/v2/library/app/blobs/", StringComparison.Ordinal) && a.Contains("[Basic ", StringComparison.Ordinal));
        Assert.Equal(["other.test/signed"], server.Asked.Where(a => a.StartsWith("other.test", StringComparison.Ordinal)));
        Assert.DoesNotContain(registry.CaptureLogs(), l => l.Contains("secret", StringComparison.Ordinal));
    }

    private Task HealAsync()
    {
        Fault = _ => Task.FromResult(false);
        Time.Advance(TimeSpan.FromSeconds(11));
        return Task.CompletedTask;
    }

    private async Task AssertNotServedAsync(Digest digest, int size)
    {
        using (var response = await Registry.Client.GetAsync(new Uri($"/v2/{Here}/blobs/{digest}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead))
        {
            if (response.StatusCode == HttpStatusCode.OK)
            {
                using var got = new MemoryStream();
                await Assert.ThrowsAnyAsync<Exception>(() => response.Content.CopyToAsync(got));
                Assert.True(got.Length < size, $"{got.Length} bytes of {size} were sent");
            }
            else
            {
                Assert.True((int)response.StatusCode >= 500, response.StatusCode.ToString());
            }
        }

        var audit = await StoreAudit.ReadAsync(Registry.Stores);
        Assert.DoesNotContain(audit.Rows, r => r.StartsWith(digest.ToString(), StringComparison.Ordinal));
        Assert.Equal(0, audit.ObjectCount - audit.OrphanObjects.Count);
    }
}
