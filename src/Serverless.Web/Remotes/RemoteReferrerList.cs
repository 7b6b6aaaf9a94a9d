using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Web.Remotes;

/// <summary>
/// What refers to manifests of another registry's repository. Registries that know referrers list them by themselves. For others the list is kept here: an image index under a tag that is
/// called like the subject (OCI distribution specification 1.1.1, "Referrers Tag Schema"). A list is read and written back, so one is added after the other.
/// </summary>
internal sealed class RemoteReferrerList(RemoteAddress address, RepositoryName name, RemoteClient client)
{
    /// <summary>Whether the registry lists referrers by itself; null as long as nobody knows.</summary>
    public bool? IsKnown { get; set; }

    /// <summary>Makes sure that a manifest is listed.</summary>
    public async Task AddAsync(Manifest referrer, CancellationToken cancellationToken)
    {
        if (IsKnown == true) return;
        var subject = referrer.Content.Subject!.Digest;
        IsKnown ??= await IsListedByItselfAsync(subject, cancellationToken);
        if (IsKnown == false) await AddToTagAsync(RemoteReferrers.FallbackTag(subject), referrer, cancellationToken);
    }

    private Task<bool> IsListedByItselfAsync(Digest subject, CancellationToken cancellationToken) => client.RunAsync(
        async () =>
        {
            using var answer = await client.FindAsync(NewRequest("referrers", subject.ToString()) with { Accept = [MediaTypes.OciIndex] }, RemoteReferrers.Absent, cancellationToken);
            if (answer is null) return false;
            var page = await RemotePages.ReadAsync(client, answer, cancellationToken);
            return RemoteReferrers.Read(page.MediaType, page.Body) is not null;
        },
        cancellationToken);

    private async Task AddToTagAsync(Tag tag, Manifest referrer, CancellationToken cancellationToken)
    {
        var repository = new RemoteRepository(address, name, client);
        var list = await repository.FindManifestAsync(new Reference(tag), cancellationToken) is { } found ? Read(tag, found) : new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex };
        if (list["manifests"] is not JsonArray entries) list["manifests"] = entries = [];
        if (entries.Any(e => e?["digest"]?.GetValue<string>() == referrer.Digest.ToString())) return;
        entries.Add((JsonNode)Describe(referrer));
        var index = ManifestTypes.Default.Parse(MediaTypes.OciIndex, Encoding.UTF8.GetBytes(list.ToJsonString()));
        await RemoteManifests.PutAsync(client, NewRequest("manifests", tag.ToString()), index, cancellationToken);
    }

    private JsonObject Read(Tag tag, SourceManifest found)
    {
        try
        {
            // Other members of the index stay as they are.
            if (RemoteReferrers.Read(found.MediaType, found.Payload) is not null && JsonNode.Parse(found.Payload.Span) is JsonObject list) return list;
        }
        catch (JsonException e)
        {
            throw new ImageSourceException($"The list of referrers under the tag {tag} of {name} at {address.Authority} cannot be read.", e);
        }

        throw new ImageSourceException($"{address.Authority} does not list referrers, and the tag {tag} of {name}, which would, is something else.");
    }

    private static JsonObject Describe(Manifest referrer)
    {
        var entry = new JsonObject { ["mediaType"] = referrer.MediaType, ["digest"] = referrer.Digest.ToString(), ["size"] = referrer.Payload.Length };
        if (referrer.Content.ArtifactType is { } type) entry["artifactType"] = type;
        if (referrer.Content.Annotations is not { } annotations) return entry;
        var written = new JsonObject();
        foreach (var (key, value) in annotations) written[key] = value;
        entry["annotations"] = written;
        return entry;
    }

    private RemoteRequest NewRequest(string family, string rest) => new(new Uri(address.Root, $"/v2/{name}/{family}/{rest}"), name, family) { IsPush = true };
}
