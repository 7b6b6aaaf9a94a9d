using System.Net;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Serverless.Web.Remotes;
using Serverless.Web.Settings;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

/// <summary>Everything that there is to read, from the registry itself, which signs in by tokens, by passwords or not at all.</summary>
public sealed class RemoteRoundTests(InMemoryStorage storage) : AuthTest(storage), IClassFixture<InMemoryStorage>, IDisposable
{
    private const string Name = "team/app";

    private static readonly OutboundSettings s_outbound = new(new HashSet<string> { "127.0.0.1" });

    private readonly string _htpasswd = Path.GetTempFileName();

    private static RemoteCredentials Alice => RemoteCredentials.OfUser("alice", Password);

    public void Dispose() => File.Delete(_htpasswd);

    [Theory]
    [InlineData("Auth:Mode=none", false)]
    [InlineData("Auth:Mode=none", true)]
    [InlineData("Auth:Mode=basic", true)]
    [InlineData("Auth:Mode=token", true)]
    public async Task An_image_and_its_referrers_are_read_whole(string mode, bool withCredentials)
    {
        var (layer, image) = await PushAsync();
        await using var registry = await StartAsync(mode, "Tags:MaxEntries=1");
        using var remote = Open(registry, withCredentials ? Alice : null);
        var source = remote.OpenRepository(RepositoryName.Parse(Name));

        foreach (var reference in (string[])["v1", image.Digest.ToString()])
        {
            var manifest = (await source.FindManifestAsync(Reference.Parse(reference), default))!;
            Assert.Equal((image.MediaType, true), (manifest.MediaType, image.Digest.Matches(manifest.Payload.Span)));
        }

        var descriptor = image.Content.Blobs[1];
        foreach (var offset in (int[])[0, 1, 999, 1000]) Assert.Equal(layer[offset..], await ReadAsync(source, descriptor, offset));
        Assert.Equal(["v1", "v2", "v3"], await source.ListTagsAsync(default).Select(t => t.ToString()).ToListAsync());
        var referrer = Assert.Single(await source.ListReferrersAsync(image.Digest, default).ToListAsync());
        Assert.Equal("application/x+signature", referrer.ArtifactType);

        Assert.Null(await source.FindManifestAsync(Reference.Parse("missing"), default));
        Assert.Null(await source.OpenBlobAsync(descriptor with { Digest = RegistryClient.DigestOf([9]) }, 0, default));
        Assert.Empty(await source.ListReferrersAsync(RegistryClient.DigestOf([9]), default).ToListAsync());
    }

    [Theory]
    [InlineData("Auth:Mode=basic")]
    [InlineData("Auth:Mode=token")]
    public async Task Whoever_may_not_is_told_what_to_do(string mode)
    {
        await PushAsync();
        await using var registry = await StartAsync(mode);
        foreach (var (credentials, advice) in ((RemoteCredentials?, string)[])[(null, "Give "), (RemoteCredentials.OfUser("alice", "wrong"), "Look whether ")])
        {
            using var remote = Open(registry, credentials);
            var e = await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenRepository(RepositoryName.Parse(Name)).FindManifestAsync(Reference.Parse("v1"), default));
            Assert.Contains(advice, e.Message, StringComparison.Ordinal);
            Assert.False(e.IsTransient);
        }
    }

    [Fact]
    public async Task A_token_of_the_registry_is_taken_as_it_is()
    {
        await PushAsync();
        var token = await SignInAsync("alice", $"repository:{Name}:pull");
        using var remote = Open(Registry, RemoteCredentials.OfToken(token));
        Assert.NotNull(await remote.OpenRepository(RepositoryName.Parse(Name)).FindManifestAsync(Reference.Parse("v1"), default));
    }

    [Fact]
    public async Task Nobody_is_connected_to_who_is_not_there()
    {
        using var remote = RemoteRegistry.Open(new RemoteOptions { Address = "http://127.0.0.1:9" }, s_outbound, Time);
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenRepository(RepositoryName.Parse(Name)).FindManifestAsync(Reference.Parse("v1"), default));
        Assert.True(e.IsTransient);
        Assert.StartsWith("127.0.0.1:9 could not be reached", e.Message, StringComparison.Ordinal);
    }

    // Pushed by an open instance on the same storage.
    private async Task<(byte[] Layer, Manifest Image)> PushAsync()
    {
        await AddUserAsync("alice", "team/*:pull");
        await File.WriteAllTextAsync(_htpasswd, $"alice:{BCrypt.Net.BCrypt.HashPassword(Password, 4).Replace("$2a$", "$2y$", StringComparison.Ordinal)}\n");
        await using var open = await StartAsync("Auth:Mode=none");
        var layer = RegistryClient.RandomBytes(1000);
        var digest = await open.PushBlobAsync(Name, layer);
        var image = await open.PrepareImageAsync(Name, layers: 0, b => b.Append(new Descriptor(MediaTypes.OciLayerGzip, digest, layer.Length)));
        foreach (var tag in (string[])["v1", "v2", "v3"]) await ExpectAsync(open.PutManifestAsync(Name, tag, image), HttpStatusCode.Created);
        var referrer = await open.PrepareImageAsync(Name, layers: 0, b => (b.Subject, b.ArtifactType) = (image.Descriptor, "application/x+signature"));
        await ExpectAsync(open.PutManifestAsync(Name, referrer.Digest.ToString(), referrer), HttpStatusCode.Created);
        return (layer, image);
    }

    private Task<RegistryServer> StartAsync(string mode, params string[] settings)
    {
        string[] basic = mode == "Auth:Mode=basic" ? ["Auth:Basic:HtpasswdPath=" + _htpasswd, "Auth:Basic:Rights:alice:0=team/*:pull"] : [];
        string[] token = mode == "Auth:Mode=token" ? ["Auth:Token:Service=test-registry"] : [];
        return RegistryServer.StartAsync(Registry.Stores, Time, [mode, .. basic, .. token, .. settings]);
    }

    private RemoteRegistry Open(RegistryServer registry, RemoteCredentials? credentials) =>
        RemoteRegistry.Open(new RemoteOptions { Address = registry.Client.BaseAddress!.ToString(), Credentials = credentials }, s_outbound, Time);

    private static async Task<byte[]> ReadAsync(IImageSource source, Descriptor blob, long offset)
    {
        await using var stream = (await source.OpenBlobAsync(blob, offset, default))!;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
