using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Web.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

/// <summary>Reading from registries that do what they like.</summary>
public sealed class RemoteReadTests : IAsyncLifetime
{
    private static readonly byte[] s_blob = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private static readonly Descriptor s_layer = new(MediaTypes.OciLayerGzip, Digest.Compute(DigestAlgorithm.Sha256, s_blob), s_blob.Length);

    private ScriptedRegistry _registry = null!;

    public async Task InitializeAsync() => _registry = await ScriptedRegistry.StartAsync();

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed_without_what_proves_who_asks(int status)
    {
        _registry.Answer = http => http.Request.Host.Value == "other.test" ? RangeAsync(http)
            : http.Request.Headers.Authorization.Count == 0 ? ScriptedRegistry.Challenge(http, "Basic realm=x")
            : ScriptedRegistry.Status(http, status, headers: ("Location", "http://other.test/bytes?sig=1"));
        Assert.Equal(s_blob[10..], await ReadAsync(10, RemoteCredentials.OfUser("alice", "secret")));
        Assert.Equal(3, _registry.Asked.Count);
        Assert.Equal("other.test/bytes?sig=1", _registry.Asked[2]);
    }

    [Fact]
    public async Task Redirects_end()
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 307, headers: ("Location", "/again"));
        Assert.Contains("too often", (await FailAsync(() => ReadAsync(0))).Message, StringComparison.Ordinal);
        Assert.Equal(6, _registry.Asked.Count);
    }

    [Fact]
    public async Task A_redirect_into_a_network_of_ones_own_is_refused()
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 307, headers: ("Location", "http://169.254.169.254/metadata?x"));
        var e = await FailAsync(() => ReadAsync(0));
        Assert.Contains("does not connect to 169.254.169.254", e.Message, StringComparison.Ordinal);
        Assert.False(e.IsTransient);
    }

    [Fact]
    public async Task What_a_redirect_was_signed_with_is_in_no_message()
    {
        _registry.Answer = http => http.Request.Host.Value == "other.test" ? ScriptedRegistry.Status(http, 403)
            : ScriptedRegistry.Status(http, 307, headers: ("Location", "http://other.test/hidden/path?sig=hidden"));
        var e = await FailAsync(() => ReadAsync(0));
        Assert.StartsWith("other.test answered 403 to /v2/team/app/blobs/sha256:", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    public async Task A_blob_is_read_from_a_place_on_whether_ranges_are_served_or_not(int offset)
    {
        _registry.Answer = RangeAsync;
        Assert.Equal(s_blob[offset..], await ReadAsync(offset));
        _registry.Answer = http => http.Response.Body.WriteAsync(s_blob).AsTask();
        Assert.Equal(s_blob[offset..], await ReadAsync(offset));
    }

    [Theory]
    [InlineData("bytes 0-999/1000")]
    [InlineData("bytes 11-999/1000")]
    [InlineData("items 10-999/1000")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Other_bytes_than_those_that_were_asked_for_are_refused(string? range)
    {
        _registry.Answer = http =>
        {
            http.Response.StatusCode = 206;
            if (range is not null) http.Response.Headers.ContentRange = range;
            return http.Response.Body.WriteAsync(s_blob.AsMemory(10)).AsTask();
        };
        Assert.Contains("other bytes", (await FailAsync(() => ReadAsync(10))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_an_error_before_the_end()
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 416, headers: ("Content-Range", "bytes */500"));
        await FailAsync(() => ReadAsync(500));
        await FailAsync(() => ReadAsync(1000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_that_breaks_off_may_be_read_on(bool isAborted)
    {
        _registry.Answer = async http =>
        {
            if (isAborted) http.Response.ContentLength = s_blob.Length;
            await http.Response.Body.WriteAsync(s_blob.AsMemory(0, 600));
            await http.Response.Body.FlushAsync();
            if (isAborted) http.Abort();
        };
        Assert.True((await FailAsync(() => ReadAsync(0))).IsTransient);
    }

    // Layers without a size come out as layers of 0 bytes.
    [Fact]
    public async Task A_blob_whose_size_nobody_says_ends_where_its_answer_ends()
    {
        var unsized = s_layer with { Size = 0 };
        _registry.Answer = RangeAsync;
        foreach (var offset in (int[])[0, 400, 1000]) Assert.Equal(s_blob[offset..], await ReadAsync(offset, blob: unsized));
        _registry.Answer = async http =>
        {
            http.Response.ContentLength = s_blob.Length;
            await http.Response.Body.WriteAsync(s_blob.AsMemory(0, 600));
            await http.Response.Body.FlushAsync();
            http.Abort();
        };
        Assert.True((await FailAsync(() => ReadAsync(0, blob: unsized))).IsTransient);
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_null()
    {
        using var remote = _registry.Open();
        Assert.Null(await remote.OpenRepository(RepositoryName.Parse("team/app")).OpenBlobAsync(s_layer, 5, default));
    }

    [Fact]
    public async Task A_blob_that_is_too_long_is_refused()
    {
        _registry.Answer = http => http.Response.Body.WriteAsync(new byte[1001]).AsTask();
        Assert.False((await FailAsync(() => ReadAsync(0))).IsTransient);
    }

    [Fact]
    public async Task A_server_that_hangs_is_left_after_a_while()
    {
        _registry.Answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        Assert.True((await FailAsync(() => ReadAsync(0, timeout: TimeSpan.FromMilliseconds(300)))).IsTransient);
        _registry.Answer = async http =>
        {
            await http.Response.Body.WriteAsync(s_blob.AsMemory(0, 600));
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var e = await FailAsync(() => ReadAsync(0, timeout: TimeSpan.FromMilliseconds(500)));
        Assert.True(e.IsTransient);
        Assert.Contains("did not answer within", e.Message, StringComparison.Ordinal);
        Assert.True((await FailAsync(() => FindAsync("v1", TimeSpan.FromMilliseconds(500)))).IsTransient);
    }

    [Fact]
    public async Task Who_stops_waiting_is_not_told_of_a_failure()
    {
        _registry.Answer = http => Task.Delay(Timeout.Infinite, http.RequestAborted);
        using var remote = _registry.Open();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => remote.OpenRepository(RepositoryName.Parse("team/app")).FindManifestAsync(Reference.Parse("v1"), stop.Token));
    }

    [Fact]
    public async Task A_manifest_with_another_digest_is_refused()
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 200, "{}", MediaTypes.OciManifest + "; charset=utf-8", ("Docker-Content-Digest", s_layer.Digest.ToString()));
        Assert.Contains("another one", (await FailAsync(() => FindAsync(s_layer.Digest.ToString()))).Message, StringComparison.Ordinal);
        var manifest = (await FindAsync("v1"))!;
        Assert.Equal((MediaTypes.OciManifest, "{}"), (manifest.MediaType, Encoding.UTF8.GetString(manifest.Payload.Span)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_manifest_that_is_too_large_is_not_read(bool saysLength)
    {
        _registry.Answer = async http =>
        {
            if (saysLength) http.Response.ContentLength = 100L * 1024 * 1024;
            for (var i = 0; i < 100 && !http.RequestAborted.IsCancellationRequested; i++) await http.Response.Body.WriteAsync(new byte[1024 * 1024]);
        };
        Assert.Contains("more than 16777216 bytes", (await FailAsync(() => FindAsync("v1"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(408, true)]
    [InlineData(400, false)]
    [InlineData(410, false)]
    public async Task A_status_says_whether_to_try_again_and_when(int status, bool isTransient)
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, status, """{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}""", headers: ("Retry-After", "7"));
        var e = await FailAsync(() => FindAsync("v1"));
        Assert.Equal((isTransient, TimeSpan.FromSeconds(7)), (e.IsTransient, e.RetryAfter));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"registry.test answered {status} to /v2/team/app/manifests/v1: TOOMANYREQUESTS: slow down."), e.Message);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_manifest_is_asked_for_again_when_the_registry_says_so(int status)
    {
        _registry.Answer = http => _registry.Asked.Count == 1 ? ScriptedRegistry.Status(http, status, headers: ("Retry-After", "1")) : ScriptedRegistry.Status(http, 200, "{}", MediaTypes.OciManifest);
        using var remote = _registry.Open(patience: CopyPatience.Default);
        Assert.NotNull(await remote.OpenRepository(RepositoryName.Parse("team/app")).FindManifestAsync(Reference.Parse("v1"), default));
        Assert.Equal(2, _registry.Asked.Count);
    }

    [Theory]
    [InlineData(429, "86400")]
    [InlineData(404, "1")]
    [InlineData(403, "1")]
    public async Task Who_wants_to_be_left_alone_for_long_is_and_who_refuses_is_not_asked_again(int status, string retryAfter)
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, status, headers: ("Retry-After", retryAfter));
        using var remote = _registry.Open(patience: CopyPatience.Default);
        var repository = remote.OpenRepository(RepositoryName.Parse("team/app"));
        if (status == 404) Assert.Null(await repository.FindManifestAsync(Reference.Parse("v1"), default));
        else await FailAsync(() => repository.FindManifestAsync(Reference.Parse("v1"), default));
        Assert.Single(_registry.Asked);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{\"errors\":[]}")]
    [InlineData("{\"errors\":[5]}")]
    [InlineData("{\"errors\":{\"code\":1}}")]
    [InlineData("{\"errors\":[{\"code\":\"\\ud800\",\"message\":[]}]}")]
    public async Task An_error_that_cannot_be_read_is_its_status(string body)
    {
        _registry.Answer = http => ScriptedRegistry.Status(http, 403, body);
        Assert.Equal("registry.test answered 403 to /v2/team/app/manifests/v1. Give credentials that may pull team/app, if there is such a repository.", (await FailAsync(() => FindAsync("v1"))).Message);
    }

    private static async Task RangeAsync(HttpContext http)
    {
        var first = http.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
        if (first > 0) http.Response.StatusCode = first < s_blob.Length ? 206 : 416;
        if (first > 0) http.Response.Headers.ContentRange = first < s_blob.Length ? $"bytes {first}-999/1000" : "bytes */1000";
        await http.Response.Body.WriteAsync(s_blob.AsMemory((int)first));
    }

    private async Task<byte[]> ReadAsync(long offset, RemoteCredentials? credentials = null, TimeSpan? timeout = null, Descriptor? blob = null)
    {
        using var remote = _registry.Open(credentials, timeout);
        await using var stream = await remote.OpenRepository(RepositoryName.Parse("team/app")).OpenBlobAsync(blob ?? s_layer, offset, default);
        using var bytes = new MemoryStream();
        await stream!.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private async Task<SourceManifest?> FindAsync(string reference, TimeSpan? timeout = null)
    {
        using var remote = _registry.Open(timeout: timeout);
        return await remote.OpenRepository(RepositoryName.Parse("team/app")).FindManifestAsync(Reference.Parse(reference), default);
    }

    private static Task<ImageSourceException> FailAsync(Func<Task> act) => Assert.ThrowsAsync<ImageSourceException>(act);
}
