using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>
/// One repository of another registry, to push to (OCI distribution specification 1.1.1, "Push").
/// <code>
///   HEAD blob              200: it is there
///   POST ?mount=DIGEST     201: the registry had it elsewhere; 202: an upload, whose address may be on another host, which is given no credentials
///   PUT upload?digest=     the whole blob
///   PUT manifest           OCI-Subject in the answer: the registry lists referrers; else a tag does
/// </code>
/// </summary>
internal sealed class RemoteTarget(RemoteAddress address, RepositoryName name, RemoteClient client) : IImageTarget
{
    private static readonly HttpStatusCode[] s_absent = [HttpStatusCode.NotFound];

    // Uploads that the registry has begun where it had nothing to mount.
    private readonly ConcurrentDictionary<Digest, Uri> _uploads = new();
    private readonly RemoteReferrerList _referrers = new(address, name, client);

    public async Task<bool> HasAsync(Manifest manifest, CancellationToken cancellationToken) => await FindDigestAsync(manifest.Digest.ToString(), cancellationToken) is not null;

    // What a registry would refuse nobody can tell beforehand.
    public Task CheckAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<bool> KeepBlobAsync(Descriptor blob, bool isDryRun, CancellationToken cancellationToken)
    {
        using var head = await client.FindAsync(NewRequest("blobs", blob.Digest.ToString()) with { Method = HttpMethod.Head }, s_absent, cancellationToken);
        if (head is not null || isDryRun) return head is not null;
        if (await StartAsync(blob.Digest, cancellationToken) is not { } upload) return true;
        _uploads[blob.Digest] = upload;
        return false;
    }

    public async Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        if (!_uploads.TryRemove(blob.Digest, out var upload)) upload = await StartAsync(blob.Digest, cancellationToken);
        // Somebody else has pushed it meanwhile.
        if (upload is null) return;
        var request = NewRequest("blobs", "uploads/") with
        {
            Method = HttpMethod.Put,
            Url = new UriBuilder(upload) { Query = $"{(upload.Query.Length > 1 ? upload.Query[1..] + "&" : "")}digest={Uri.EscapeDataString(blob.Digest.ToString())}" }.Uri,
            // Layers that do not say their size are read as layers of 0 bytes.
            Content = () => new RemoteUpload(content, blob.Size > 0 ? blob.Size : null) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypes.OctetStream) } },
        };
        using var answer = await client.SendAsync(request, cancellationToken);
        if (answer.IsSuccessStatusCode) return;
        // The address of an upload may be signed, and is not shown.
        var failure = await client.FailureAsync(answer, request, $"the upload of {blob.Digest} to {name}", cancellationToken);
        // The token ran out while the blob before was sent; or an upload that the registry has forgotten.
        throw answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound ? new ImageSourceException(failure.Message, failure) { IsTransient = true } : failure;
    }

    public async Task PutManifestAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken)
    {
        if (tags.Count == 0) await PutAsync(manifest, manifest.Digest.ToString(), cancellationToken);
        foreach (var tag in tags) await PutAsync(manifest, tag.ToString(), cancellationToken);
    }

    public async Task<Digest?> FindTagAsync(Tag tag, CancellationToken cancellationToken) => Digest.TryParse(await FindDigestAsync(tag.ToString(), cancellationToken), out var digest) ? digest : null;

    public Task PutTagAsync(Tag tag, Manifest manifest, CancellationToken cancellationToken) => PutAsync(manifest, tag.ToString(), cancellationToken);

    public Task ListReferrerAsync(Manifest referrer, CancellationToken cancellationToken) => _referrers.AddAsync(referrer, cancellationToken);

    /// <returns>What the registry says the digest is, empty where it does not say; null when there is no such manifest.</returns>
    private Task<string?> FindDigestAsync(string reference, CancellationToken cancellationToken) => client.RunAsync(
        async () =>
        {
            var request = NewRequest("manifests", reference) with { Method = HttpMethod.Head, Accept = ManifestTypes.Default.All };
            using var answer = await client.FindAsync(request, s_absent, cancellationToken);
            return answer is null ? null : answer.Headers.TryGetValues("Docker-Content-Digest", out var values) ? values.First() : "";
        },
        cancellationToken);

    /// <returns>Where to send a blob; null when the registry has it by now.</returns>
    private async Task<Uri?> StartAsync(Digest digest, CancellationToken cancellationToken)
    {
        // Without the name of a repository to mount from, those registries look for the blob themselves that can.
        var request = NewRequest("blobs", $"uploads/?mount={Uri.EscapeDataString(digest.ToString())}") with { Method = HttpMethod.Post };
        using var answer = await client.SendAsync(request, cancellationToken);
        return answer.StatusCode switch
        {
            HttpStatusCode.Created => null,
            HttpStatusCode.Accepted => RemoteClient.Resolve(answer.RequestMessage!.RequestUri!, answer.Headers.Location),
            _ => throw await client.FailureAsync(answer, request, cancellationToken),
        };
    }

    private async Task PutAsync(Manifest manifest, string reference, CancellationToken cancellationToken)
    {
        if (await RemoteManifests.PutAsync(client, NewRequest("manifests", reference), manifest, cancellationToken)) _referrers.IsKnown = true;
    }

    private RemoteRequest NewRequest(string family, string rest) => new(new Uri(address.Root, $"/v2/{name}/{family}/{rest}"), name, family) { IsPush = true };
}
