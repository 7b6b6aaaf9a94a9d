using System.Runtime.CompilerServices;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Operating.Api;

/// <summary>The repositories over the API.</summary>
internal sealed class ApiRepositories(ApiClient client, CliConsole console) : IRepositories
{
    private const string All = "repositories";

    private static readonly string[] s_noRepository = [ApiClient.NameUnknown];
    private static readonly string[] s_noTag = [ApiClient.ManifestUnknown, ApiClient.NameUnknown];

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in client.ListAsync(All, ApiRight.Catalog, ApiDocuments.Default.ApiRepositoryPage, [], cancellationToken))
        {
            // What is no name could be anything, and is not for a terminal.
            foreach (var name in page.Repositories.Where(n => RepositoryName.TryParse(n, out _))) yield return name;
        }
    }

    public async Task<string?> RemoveAsync(RepositoryName name, Action<RemovalProgress> report, CancellationToken cancellationToken) =>
        await client.SendAsync(HttpMethod.Delete, $"{All}/{name}", ApiRight.Delete(name), s_noRepository, cancellationToken)
            ? $"The tags and manifests of {name} are deleted, save what somebody pushed meanwhile. Whoever pushes its manifests again within the grace need not send the blobs."
            : null;

    public async IAsyncEnumerable<TagEntry> ListTagsAsync(RepositoryName name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isThere = false;
        await foreach (var page in client.ListAsync($"{All}/{name}/_tags", ApiRight.Pull(name), ApiDocuments.Default.ApiTagPage, s_noRepository, cancellationToken))
        {
            isThere = true;
            foreach (var tag in page.Tags.Where(t => Tag.TryParse(t.Name, out _) && Digest.TryParse(t.Digest, out _))) yield return new TagEntry(tag.Name, tag.Digest, tag.Size, tag.PushedAt, tag.PulledAt);
        }

        if (!isThere) throw IRepositories.Unknown(name);
    }

    public Task<bool> RemoveTagAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken) =>
        client.SendAsync(HttpMethod.Delete, PathOf(name, tag), ApiRight.Delete(name), s_noTag, cancellationToken);

    public async IAsyncEnumerable<TagMoveEntry> ListHistoryAsync(RepositoryName name, Tag tag, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var history = await client.FindAsync($"{PathOf(name, tag)}/history", ApiRight.Pull(name), ApiDocuments.Default.ApiTagHistory, s_noTag, cancellationToken);
        foreach (var move in history?.Moves ?? []) yield return new TagMoveEntry(move.At, move.Digest, move.By);
    }

    public async Task<string?> RollBackAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken)
    {
        var order = ApiOrder.Of(HttpMethod.Put, PathOf(name, tag), new ApiTagOrder(), ApiDocuments.Default.ApiTagOrder);
        return (await client.SendAsync(order, ApiRight.Push(name), ApiDocuments.Default.ApiTag, ["HISTORY_EMPTY"], cancellationToken))?.Digest;
    }

    public async IAsyncEnumerable<DeletedEntry> ListDeletedAsync(RepositoryName name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = await client.FindAsync($"{All}/{name}/_deleted", ApiRight.Pull(name), ApiDocuments.Default.ApiDeletedList, s_noRepository, cancellationToken);
        foreach (var item in list?.Deleted ?? []) yield return item;
        if (list?.HasMore == true) await console.WarnAsync("More was deleted than the registry's API lists at once.");
    }

    public Task<RestoredEntry?> UndeleteAsync(RepositoryName name, Reference reference, CancellationToken cancellationToken) =>
        client.SendAsync(new ApiOrder(HttpMethod.Post, $"{All}/{name}/_deleted/{reference}", null), ApiRight.Push(name), ApiDocuments.Default.RestoredEntry, ["DELETED_UNKNOWN"], cancellationToken);

    // Names, tags and digests have only characters that a path may have.
    private static string PathOf(RepositoryName name, Tag tag) => $"{All}/{name}/_tags/{tag}";
}
