using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Registry.Copying;
using Serverless.Registry.Mirrors;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>One repository of another registry. Its tags and referrers are empty where the registry does not know it.</summary>
internal sealed class RemoteRepository(RemoteAddress address, RepositoryName name, RemoteClient client) : IMirrorSource
{
    private const int TagsInPage = 1000;

    // Whatever else a registry has is taken as well, and left to whoever reads it.
    private static readonly string[] s_manifests = [.. ManifestTypes.Default.All, "*/*"];

    private static readonly HttpStatusCode[] s_absent = [HttpStatusCode.NotFound];

    private readonly ConcurrentQueue<string> _problems = new();

    public IReadOnlyCollection<string> Problems => _problems;

    public Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken) =>
        client.RunAsync(() => GetManifestAsync(reference, cancellationToken), cancellationToken);

    // A layer's descriptor that says no size is read as one of 0 bytes.
    public Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken) =>
        RemoteBlob.OpenAsync(client, NewRequest("blobs", blob.Digest.ToString()) with { Offset = offset }, blob.Size > 0 ? blob.Size : null, cancellationToken);

    public async Task<TagAtSource?> FindTagAsync(Tag tag, CancellationToken cancellationToken)
    {
        var request = NewRequest("manifests", tag.ToString()) with { Method = HttpMethod.Head, Accept = s_manifests };
        using var answer = await client.FindAsync(request, s_absent, cancellationToken);
        if (answer is null) return null;
        var said = answer.Headers.NonValidated.TryGetValues("Docker-Content-Digest", out var values) ? values.ToString() : null;
        return new TagAtSource(Digest.TryParse(said, out var digest) ? digest : null, RemoteRateLimit.IsUsedUp(answer));
    }

    public async Task<BlobAtSource?> OpenBlobAsync(Digest digest, CancellationToken cancellationToken)
    {
        var answer = await client.FindAsync(NewRequest("blobs", digest.ToString()), s_absent, cancellationToken);
        if (answer is null) return null;
        var size = answer.Content.Headers.ContentLength;
        return new BlobAtSource(new RemoteBlobStream(answer, await answer.Content.ReadAsStreamAsync(cancellationToken), 0, size, client.Transport), size);
    }

    public async Task<long?> FindBlobSizeAsync(Digest digest, CancellationToken cancellationToken)
    {
        using var answer = await client.FindAsync(NewRequest("blobs", digest.ToString()) with { Method = HttpMethod.Head }, s_absent, cancellationToken);
        return answer?.Content.Headers.ContentLength;
    }

    public async IAsyncEnumerable<Tag> ListTagsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in RemotePages.ListAsync(client, NewRequest("tags", $"list?n={TagsInPage}"), s_absent, cancellationToken))
        {
            foreach (var tag in ReadTags(page)) yield return tag;
        }
    }

    public async IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isList = false;
        var request = NewRequest("referrers", subject.ToString()) with { Accept = [MediaTypes.OciIndex] };
        await foreach (var page in RemotePages.ListAsync(client, request, RemoteReferrers.Absent, cancellationToken))
        {
            if (RemoteReferrers.Read(page.MediaType, page.Body) is not { } referrers)
            {
                if (isList) throw Garbled("referrers");
                break;
            }

            isList = true;
            foreach (var referrer in referrers) yield return referrer;
        }

        if (isList || await FindManifestAsync(new Reference(RemoteReferrers.FallbackTag(subject)), cancellationToken) is not { } fallback) yield break;
        // Somebody's own tag may be called like this.
        foreach (var referrer in RemoteReferrers.Read(fallback.MediaType, fallback.Payload) ?? []) yield return referrer;
    }

    private async Task<SourceManifest?> GetManifestAsync(Reference reference, CancellationToken cancellationToken)
    {
        using var answer = await client.FindAsync(NewRequest("manifests", reference.ToString()) with { Accept = s_manifests }, s_absent, cancellationToken);
        if (answer is null) return null;
        var document = await RemotePages.ReadAsync(client, answer, cancellationToken);
        if (reference.Digest is { } digest && !digest.Matches(document.Body.Span))
        {
            throw new ImageSourceException($"{RemoteTransport.HostOf(answer)} was asked for the manifest {digest} of {name} and answered with another one.");
        }

        return new SourceManifest(document.MediaType, document.Body);
    }

    private RemoteRequest NewRequest(string family, string rest) => new(new Uri(address.Root, $"/v2/{name}/{family}/{rest}"), name, family);

    // Go servers write an empty list as null.
    private List<Tag> ReadTags(RemoteDocument page)
    {
        using var json = RemoteJson.TryParse(page.Body);
        if (RemoteJson.Find(json?.RootElement, "tags") is not { ValueKind: JsonValueKind.Array or JsonValueKind.Null } tags) throw Garbled("tags");
        if (tags.ValueKind == JsonValueKind.Null) return [];
        List<Tag> read = [];
        foreach (var item in tags.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String) throw Garbled("tags");
            if (Tag.TryParse(RemoteJson.Text(item), out var tag)) read.Add(tag);
            // Nobody can ask for it, so nobody misses it but whoever counts them.
            else _problems.Enqueue($"{address.Authority} lists a tag of {name} that is none: {RemoteText.Clean(item.GetRawText(), null)}");
        }

        return read;
    }

    private ImageSourceException Garbled(string list) => new($"{address.Authority} was asked for the {list} of {name} and answered with something else.");
}
