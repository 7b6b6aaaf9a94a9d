using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Registry;
using Serverless.Registry.Events;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;

namespace Serverless.Cli.Operating.Stored;

/// <summary>The repositories as storage has them. Histories and events name the command as who changed something.</summary>
internal sealed class StoredRepositories(ContainerRegistry registry) : IRepositories
{
    private const int TagsInPage = 1000;

    public IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken) => registry.ListAsync(cancellationToken).Select(n => n.ToString());

    public async Task<string?> RemoveAsync(RepositoryName name, Action<RemovalProgress> report, CancellationToken cancellationToken)
    {
        if (await registry.RemoveAsync(name, report, cancellationToken) is not { } removed) return null;
        return string.Create(CultureInfo.InvariantCulture, $"{removed.Tags} tags and {removed.Manifests} manifests of {name} are deleted.") + (removed.Kept == 0
            ? " Whoever pushes its manifests again within the grace need not send the blobs."
            : string.Create(CultureInfo.InvariantCulture, $" {removed.Kept} manifests stay: somebody pushed, tagged or named them meanwhile."));
    }

    public async IAsyncEnumerable<TagEntry> ListTagsAsync(RepositoryName name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tags = registry.GetRepository(name).Tags;
        string? last = null;
        for (var more = true; more;)
        {
            (var page, more) = await tags.ListInfoAsync(TagsInPage, last, cancellationToken);
            if (page.Count == 0 && last is null && !await registry.ContainsAsync(name, cancellationToken)) throw IRepositories.Unknown(name);
            if (page.Count == 0) yield break;
            foreach (var tag in page) yield return new TagEntry(tag.Tag.ToString(), tag.Target.Digest.ToString(), tag.Target.Size, tag.PushedAt, tag.PulledAt);
            last = page[^1].Tag.ToString();
        }
    }

    public Task<bool> RemoveTagAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken) => TagsOf(name, "tag remove").DeleteAsync(tag, cancellationToken);

    public IAsyncEnumerable<TagMoveEntry> ListHistoryAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken) =>
        registry.GetRepository(name).Tags.ListHistoryAsync(tag, cancellationToken).Select(m => new TagMoveEntry(m.Time, m.Target.Digest.ToString(), m.Actor));

    public async Task<string?> RollBackAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken) =>
        (await TagsOf(name, "rollback").RollBackAsync(tag, cancellationToken))?.Target.Digest.ToString();

    public IAsyncEnumerable<DeletedEntry> ListDeletedAsync(RepositoryName name, CancellationToken cancellationToken) =>
        registry.GetRepository(name).Manifests.ListDeletedAsync(cancellationToken).Select(d => new DeletedEntry(d.Reference.ToString(), d.Digest.ToString(), d.DeletedAt, Texts(d.Tags)));

    public async Task<RestoredEntry?> UndeleteAsync(RepositoryName name, Reference reference, CancellationToken cancellationToken) =>
        await registry.GetRepository(name, ChangeOrigin.Of("undelete")).Manifests.UndeleteAsync(reference, cancellationToken) is { } restored
            ? new RestoredEntry(restored.Descriptor.Digest.ToString(), Texts(restored.Tags))
            : null;

    private TagStore TagsOf(RepositoryName name, string command) => registry.GetRepository(name, ChangeOrigin.Of(command)).Tags;

    private static string[] Texts(IEnumerable<Tag> tags) => [.. tags.Select(t => t.ToString())];
}
