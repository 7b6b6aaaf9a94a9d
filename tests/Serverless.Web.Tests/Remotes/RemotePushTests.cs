using System.Text;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

/// <summary>Pushing to registries that do what they like.</summary>
public sealed class RemotePushTests : IAsyncLifetime
{
    private static readonly byte[] s_blob = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private static readonly Descriptor s_layer = new(MediaTypes.OciLayerGzip, Digest.Compute(DigestAlgorithm.Sha256, s_blob), s_blob.Length);
    private static readonly RepositoryName s_name = RepositoryName.Parse("team/app");

    private readonly PushedRegistry _pushed = new();
    private ScriptedRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _registry = await ScriptedRegistry.StartAsync();
        _registry.Answer = _pushed.AnswerAsync;
    }

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Fact]
    public async Task An_image_is_pushed_before_its_tag_and_what_is_there_is_not_sent_again()
    {
        var (registry, image, _) = await NewSourceAsync();
        var progress = await CopyAsync(registry);
        Assert.Equal((2, 1, 4), (progress.Manifests, progress.Tags, progress.Blobs));
        Assert.Equal((MediaTypes.OciManifest, true), (_pushed.Manifests["v1"].Type, image.Payload.Span.SequenceEqual(_pushed.Manifests["v1"].Payload)));
        foreach (var blob in image.Content.Blobs) Assert.True(blob.Digest.Matches(_pushed.Blobs[blob.Digest.ToString()]));
        _pushed.Asked.Clear();
        var again = await CopyAsync(registry);
        Assert.Equal((0, 0, 0), (again.Manifests, again.Blobs, again.Bytes));
        Assert.DoesNotContain(_pushed.Asked, a => a.StartsWith("PUT", StringComparison.Ordinal) || a.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_registry_has_elsewhere_is_mounted()
    {
        var (registry, image, _) = await NewSourceAsync();
        _pushed.Elsewhere.Add(image.Content.Blobs[1].Digest.ToString());
        var progress = await CopyAsync(registry, new CopyOptions { Referrers = false });
        Assert.Equal((1, 1), (progress.Blobs, progress.Present));
        Assert.Single(_pushed.Blobs);
    }

    [Fact]
    public async Task A_dry_run_only_looks()
    {
        var (registry, _, _) = await NewSourceAsync();
        var progress = await CopyAsync(registry, new CopyOptions { DryRun = true });
        Assert.Equal((2, 1), (progress.Manifests, progress.Tags));
        Assert.All(_pushed.Asked, a => Assert.StartsWith("HEAD", a, StringComparison.Ordinal));
    }

    // Clients find them there (OCI distribution specification 1.1.1, "Referrers Tag Schema").
    [Fact]
    public async Task Where_referrers_are_not_listed_a_tag_lists_them()
    {
        var (registry, image, signature) = await NewSourceAsync();
        var tag = image.Digest.ToString().Replace(':', '-');
        var other = $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{s_layer.Digest}}}","size":7}],"annotations":{"kept":"yes"}}""";
        _pushed.Manifests[tag] = (MediaTypes.OciIndex, Encoding.UTF8.GetBytes(other));
        await CopyAsync(registry);
        using var list = JsonDocument.Parse(_pushed.Manifests[tag].Payload);
        var entries = list.RootElement.GetProperty("manifests").EnumerateArray().ToList();
        Assert.Equal([s_layer.Digest.ToString(), signature.Digest.ToString()], entries.Select(e => e.GetProperty("digest").GetString()));
        Assert.Equal(("application/x.signature", "ann"), (entries[1].GetProperty("artifactType").GetString(), entries[1].GetProperty("annotations").GetProperty("by").GetString()));
        Assert.Equal("yes", list.RootElement.GetProperty("annotations").GetProperty("kept").GetString());
        // A copy that was cut off before this list is gone on with: the signature is there, and is not on it.
        _pushed.Manifests[tag] = (MediaTypes.OciIndex, Encoding.UTF8.GetBytes(other));
        await CopyAsync(registry);
        Assert.Contains(signature.Digest.ToString(), Encoding.UTF8.GetString(_pushed.Manifests[tag].Payload), StringComparison.Ordinal);
        _pushed.Asked.Clear();
        await CopyAsync(registry);
        Assert.DoesNotContain($"PUT /v2/team/app/manifests/{tag}", _pushed.Asked);
    }

    [Fact]
    public async Task Where_the_registry_lists_referrers_there_is_no_such_tag()
    {
        var (registry, _, _) = await NewSourceAsync();
        _pushed.ListsReferrers = true;
        await CopyAsync(registry);
        Assert.DoesNotContain(_pushed.Manifests.Keys, k => k.StartsWith("sha256-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upload_elsewhere_gets_no_credentials()
    {
        var (registry, image, _) = await NewSourceAsync();
        _pushed.Upload = "http://other.test/up?sig=1";
        _registry.Answer = http => http.Request.Host.Value != "other.test" && http.Request.Headers.Authorization.Count == 0 ? ScriptedRegistry.Challenge(http, "Basic realm=x") : _pushed.AnswerAsync(http);
        await CopyAsync(registry, credentials: RemoteCredentials.OfUser("alice", "secret"));
        Assert.True(_pushed.Blobs.ContainsKey(image.Content.Blobs[1].Digest.ToString()));
        var elsewhere = _registry.Asked.Where(a => a.StartsWith("other.test", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, elsewhere.Count);
        Assert.All(elsewhere, a => Assert.DoesNotContain("[", a, StringComparison.Ordinal));
        Assert.All(elsewhere, a => Assert.StartsWith("other.test/up?sig=1&digest=sha256%3A", a, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://169.254.169.254/up")]
    [InlineData("gopher://other.test/up")]
    public async Task An_upload_into_a_network_of_ones_own_is_refused(string location)
    {
        _pushed.Upload = location;
        using var remote = _registry.Open();
        await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenTarget(s_name).PutBlobAsync(s_layer, new MemoryStream(s_blob), default));
        Assert.Empty(_pushed.Blobs);
    }

    // The first look needs less; it would be asked for twice.
    [Theory]
    [InlineData("repository:team/app:pull", "repository:team/app:pull,push")]
    [InlineData("repository:own/name:pull,push", "repository:own/name:pull,push")]
    [InlineData("repository:team/app:pull,push,delete", "repository:team/app:pull,push")]
    [InlineData("registry:catalog:*", "repository:team/app:pull,push")]
    public async Task A_token_may_push_and_nothing_else(string scope, string expected)
    {
        _registry.Answer = http => http.Request.Path == "/token" ? ScriptedRegistry.Status(http, 200, """{"token":"t"}""")
            : http.Request.Headers.Authorization != "Bearer t" ? ScriptedRegistry.Challenge(http, $"Bearer realm=\"http://registry.test/token\",service=\"s\",scope=\"{scope}\"")
            : _pushed.AnswerAsync(http);
        var (registry, _, _) = await NewSourceAsync();
        await CopyAsync(registry, credentials: RemoteCredentials.OfUser("alice", "secret"));
        var token = Assert.Single(_registry.Asked, a => a.Contains("/token?", StringComparison.Ordinal) && a.Contains("push", StringComparison.Ordinal));
        Assert.Contains($"scope={Uri.EscapeDataString(expected)}&", token, StringComparison.Ordinal);
        Assert.NotEmpty(_pushed.Blobs);
    }

    [Fact]
    public async Task A_token_that_ends_while_a_blob_is_sent_is_fetched_anew()
    {
        var tokens = 0;
        var isEnded = false;
        _registry.Answer = async http =>
        {
            if (http.Request.Path == "/token")
            {
                await ScriptedRegistry.Status(http, 200, $$"""{"token":"t{{++tokens}}"}""");
                return;
            }

            if (http.Request.Method == "PUT" && tokens == 1) isEnded = true;
            var wanted = isEnded ? "Bearer t2" : "Bearer t1";
            if (http.Request.Headers.Authorization == wanted) await _pushed.AnswerAsync(http);
            else await ScriptedRegistry.Challenge(http, "Bearer realm=\"http://registry.test/token\",service=\"s\"");
        };
        var (registry, image, _) = await NewSourceAsync();
        await CopyAsync(registry, new CopyOptions { Referrers = false, MaxParallel = 1, Patience = new CopyPatience(4, TimeSpan.Zero) });
        Assert.Equal(2, tokens);
        Assert.True(_pushed.Manifests.ContainsKey(image.Digest.ToString()));
    }

    [Fact]
    public async Task What_is_pushed_is_not_sent_on()
    {
        _registry.Answer = http => http.Request.Method == "HEAD" ? ScriptedRegistry.Status(http, 404) : ScriptedRegistry.Status(http, 307, headers: ("Location", "http://other.test/x"));
        using var remote = _registry.Open();
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenTarget(s_name).PutBlobAsync(s_layer, new MemoryStream(s_blob), default));
        Assert.Contains("answered 307", e.Message, StringComparison.Ordinal);
        Assert.Single(_registry.Asked);
    }

    [Fact]
    public async Task A_source_that_fails_is_what_is_told_of()
    {
        using var remote = _registry.Open();
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenTarget(s_name).PutBlobAsync(s_layer, new FailingStream(), default));
        Assert.Equal("The source is gone.", e.Message);
    }

    // The limit is for silence, not for size.
    [Fact]
    public async Task A_slow_upload_is_not_cut_off_while_it_goes_on()
    {
        using var remote = _registry.Open(timeout: TimeSpan.FromMilliseconds(600));
        await remote.OpenTarget(s_name).PutBlobAsync(s_layer, new SlowStream(s_blob, TimeSpan.FromMilliseconds(150)), default);
        Assert.Equal(s_blob, _pushed.Blobs[s_layer.Digest.ToString()]);
        _registry.Answer = async http =>
        {
            if (http.Request.Method != "PUT") await _pushed.AnswerAsync(http);
            else await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenTarget(s_name).PutBlobAsync(s_layer, new MemoryStream(s_blob), default));
        Assert.Equal((true, true), (e.IsTransient, e.Message.Contains("did not answer within", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_refusal_is_told_without_the_address_of_the_upload()
    {
        _pushed.Upload = "/v2/team/app/blobs/uploads/hidden?_state=hidden";
        _registry.Answer = async http =>
        {
            if (http.Request.Method != "PUT") await _pushed.AnswerAsync(http);
            else await ScriptedRegistry.Status(http, 403, """{"errors":[{"code":"DENIED","message":"no"}]}""");
        };
        using var remote = _registry.Open();
        var e = await Assert.ThrowsAsync<ImageSourceException>(() => remote.OpenTarget(s_name).PutBlobAsync(s_layer, new MemoryStream(s_blob), default));
        Assert.Equal($"registry.test answered 403 to the upload of {s_layer.Digest} to team/app: DENIED: no. Give credentials that may push to team/app, if there is such a repository.", e.Message);
    }

    private async Task<CopyProgress> CopyAsync(ContainerRegistry registry, CopyOptions? options = null, RemoteCredentials? credentials = null)
    {
        using var remote = _registry.Open(credentials);
        var progress = new CopyProgress();
        await registry.CopyFrom(registry.GetRepository(s_name), remote.OpenTarget(s_name), options ?? new CopyOptions(), progress).CopyAsync(Reference.Parse("v1"), [Tag.Parse("v1")], default);
        Assert.Empty(progress.Problems);
        return progress;
    }

    // An image and a signature.
    private static async Task<(ContainerRegistry Registry, Manifest Image, Manifest Signature)> NewSourceAsync()
    {
        var registry = new ContainerRegistry(new InMemoryTableStore(TimeProvider.System), new InMemoryObjectStore(TimeProvider.System), new RegistryOptions(), TimeProvider.System);
        var repository = registry.GetRepository(s_name);
        var image = await BuildAsync(repository, "1");
        await repository.Manifests.PutAsync(image, [Tag.Parse("v1")], default);
        var signature = await BuildAsync(repository, "2", b =>
        {
            (b.Subject, b.ArtifactType) = (image.Descriptor, "application/x.signature");
            b.Annotations["by"] = "ann";
        });
        await repository.Manifests.PutAsync(signature, [], default);
        return (registry, image, signature);
    }

    private static async Task<Manifest> BuildAsync(Repository repository, string seed, Action<ManifestBuilder>? change = null)
    {
        var config = await repository.Blobs.PutAsync(Encoding.UTF8.GetBytes($"{{\"seed\":\"{seed}\"}}"), default);
        var layer = await repository.Blobs.PutAsync(Encoding.UTF8.GetBytes("layer " + seed), default);
        var builder = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(layer with { MediaType = MediaTypes.OciLayerGzip });
        change?.Invoke(builder);
        return builder.Build();
    }

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new ImageSourceException("The source is gone.");
    }

    private sealed class SlowStream(byte[] bytes, TimeSpan pause) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(pause, cancellationToken);
            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, 100)], cancellationToken);
        }
    }
}
